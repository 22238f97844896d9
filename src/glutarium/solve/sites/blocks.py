"""Machine code that advances sites, and the lanes that it works on."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from glutarium.machine import Library, object_code
from glutarium.solve.arrays import ONE_PER_LANE, aligned
from glutarium.solve.coupledcode import COUPLED_SLOTS, coupled_functions, coupled_step_code
from glutarium.solve.sites.layout import Lanes, Scheme

if TYPE_CHECKING:
    import numpy.typing as npt

    from glutarium.kernel import Array, Coupling, LaneKernel
    from glutarium.solve.methods import Method, Row

    Ints = npt.NDArray[np.int64]

__all__ = ["Code"]


@functools.cache
def _library(method: Method, width: int) -> Library:
    return Library(object_code(coupled_step_code(method, width)), coupled_functions(method))


class Code:
    """Machine code of a model, its coupling and a method, with what all lanes have in common.

    Parameters
    ----------
    kernel, coupling, method
        The three; kernel and coupling have the same width.
    rtol
        Relative tolerance.
    atol, floor
        Absolute tolerance and floor of every state, shape ``(n_states,)``.

    Attributes
    ----------
    scheme
        What compiled steps need of it.
    """

    def __init__(  # noqa: PLR0917 - one per thing that the code reads
        self,
        kernel: LaneKernel,
        coupling: Coupling,
        method: Method,
        rtol: float,
        atol: Array,
        floor: Array,
    ) -> None:
        self.kernel, self.coupling, self.method = kernel, coupling, method
        self.common = {"rtol": np.array([rtol]), "atol": atol, "floor": floor}
        self._library = _library(method, kernel.width)
        names = ("prep", "add_rates", "matrix", "observe", "factorise", "solve")
        self._addresses = {name: kernel.address(name) for name in names}
        self._addresses["slope"] = 0
        elimination = {"eliminate": "factorise", "spread": "spread"}
        elimination |= {"forward": "forward", "backward": "backward"}
        self._addresses |= {slot: coupling.address(name) for slot, name in elimination.items()}
        self.scheme = self._scheme()

    def _scheme(self) -> Scheme:
        method, of = self.method, self._library.address
        stages = range(method.stages)
        return Scheme(
            of("prepare"),
            of("observe"),
            of("begin"),
            of("finish"),
            np.array([0, *(of(f"stage_{i}") for i in stages[1:])]),
            np.array([of(f"back_{i}") for i in stages]),
            self.coupling.positions,
            self.coupling.block,
            _square(method.a),
            _square(method.c),
            method.gamma,
            self.kernel.n_unknowns,
        )

    def lanes(self, count: int) -> tuple[Lanes, object]:
        """Lanes for so many cells at least; the second value must be held as long as they are used.

        Parameters
        ----------
        count
            How many.
        """
        kernel, width = self.kernel, self.kernel.width
        n, unknowns, stages = len(kernel.state_names), kernel.n_unknowns, self.method.stages
        rows = {"y": n, "new": n, "slopes": n, "stage": n, "p": len(kernel.parameter_names)}
        rows |= {"d": kernel.n_derived, "m": kernel.n_entries + 1}
        rows |= {"observed": len(kernel.observable_names), "k": stages * unknowns + 1}
        rows |= {"s": self.coupling.n_entries + 1, **dict.fromkeys(ONE_PER_LANE, 1)}
        blocks = -(-count // width)
        arrays = {
            name: aligned(blocks * max(some, 1), width).reshape(blocks, -1, width)
            for name, some in rows.items()
        }
        arrays["h"][:] = 1.0  # an idle lane goes through the motions
        table = np.array([self._filled(arrays, i) for i in range(blocks)])
        places = table.ctypes.data + table.strides[0] * np.arange(blocks)
        # Of some arrays only their addresses in the table are used.
        return Lanes(table, places, **{name: arrays[name] for name in Lanes._fields[2:]}), arrays

    def _filled(self, arrays: dict[str, Array], block: int) -> list[int]:
        """What stands in the table of a block."""
        sizes = {"n_states": len(self.kernel.state_names), "n_unknowns": self.kernel.n_unknowns}
        known = {name: rows[block].ctypes.data for name, rows in arrays.items()}
        known |= {name: values.ctypes.data for name, values in self.common.items()}
        known |= sizes | self._addresses
        return [known[name] for name in COUPLED_SLOTS]


def _square(rows: tuple[Row, ...]) -> Array:
    """Coefficients as a full matrix."""
    full = np.zeros((len(rows), len(rows)))
    for i, row in enumerate(rows):
        full[i, : len(row)] = row
    return full
