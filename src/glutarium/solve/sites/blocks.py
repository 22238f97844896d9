"""Arrays and machine code of neighbouring lanes, called from Python."""

from __future__ import annotations

import ctypes
import functools
from typing import TYPE_CHECKING

import numpy as np

from glutarium.machine import Library, object_code
from glutarium.solve.arrays import ONE_PER_LANE, aligned
from glutarium.solve.coupledcode import COUPLED_SLOTS, coupled_functions, coupled_step_code

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from glutarium.kernel import Array, Coupling, LaneKernel
    from glutarium.solve.methods import Method

    Ints = npt.NDArray[np.int64]

__all__ = ["Block", "Code"]


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
        self.library = _library(method, kernel.width)
        names = ("prep", "add_rates", "matrix", "observe", "factorise", "solve")
        self.addresses = {name: kernel.address(name) for name in names}
        self.addresses["slope"] = 0
        elimination = {"eliminate": "factorise", "spread": "spread"}
        elimination |= {"forward": "forward", "backward": "backward"}
        self.addresses |= {slot: coupling.address(name) for slot, name in elimination.items()}


class Block:
    """As many lanes as fill the processor's registers.

    Parameters
    ----------
    code
        What runs in them.

    Attributes
    ----------
    y, p, new, stage, observed
        One column per lane.
    numbers
        Name → one value per lane.
    s
        Factors of the coupling, one column per lane.
    k
        Stages: stage → one column per lane.
    """

    def __init__(self, code: Code) -> None:
        kernel, width = code.kernel, code.kernel.width
        n, unknowns, stages = len(kernel.state_names), kernel.n_unknowns, code.method.stages
        rows = {"y": n, "new": n, "slopes": n, "stage": n, "p": len(kernel.parameter_names)}
        rows |= {"d": kernel.n_derived, "m": kernel.n_entries + 1}
        rows |= {"observed": len(kernel.observable_names), "k": stages * unknowns + 1}
        rows |= {"s": code.coupling.n_entries + 1, **dict.fromkeys(ONE_PER_LANE, 1)}
        arrays = {name: aligned(max(count, 1), width) for name, count in rows.items()}
        self._held = arrays
        self.y, self.p, self.new, self.stage = (arrays[a] for a in ("y", "p", "new", "stage"))
        self.observed, self.s = arrays["observed"], arrays["s"]
        self.numbers = {name: arrays[name][0] for name in ONE_PER_LANE}
        self.numbers["h"][:] = 1.0
        self.k = [arrays["k"][i * unknowns : (i + 1) * unknowns] for i in range(stages)]
        self._block = _filled(
            code, {**arrays, **code.common}, {"n_states": n, "n_unknowns": unknowns}
        )
        self._calls = {
            name: _bound(code.library.address(name), self._block)
            for name in coupled_functions(code.method)
        }

    def do(self, name: str) -> None:
        """Call a function of :mod:`glutarium.solve.coupledcode`."""
        self._calls[name]()


def _filled(code: Code, arrays: dict[str, Array], sizes: dict[str, int]) -> Ints:
    block = np.zeros(len(COUPLED_SLOTS), dtype=np.int64)
    for i, name in enumerate(COUPLED_SLOTS):
        if name in arrays:
            block[i] = arrays[name].ctypes.data
        else:
            block[i] = sizes[name] if name in sizes else code.addresses[name]
    return block


def _bound(address: int, block: Ints) -> Callable[[], None]:
    function = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(address)
    pointer = ctypes.c_void_p(block.ctypes.data)

    def call() -> None:
        function(pointer)

    return call
