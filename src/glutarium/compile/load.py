"""Stage 5: from LLVM assembly to functions that can be called.

Only the machine-dependent back end of LLVM runs: the graph has already done what optimisation passes
would do for such straight-line code, and running them costs seconds and makes it slower.
"""

from __future__ import annotations

import ctypes
import functools
from typing import TYPE_CHECKING

import llvmlite.binding as llvm
import numpy as np

from glutarium.errors import CompileError

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.kernel import Array

__all__ = ["Library", "Workspace", "object_code", "target_name"]

_LEVEL = 1
"""Optimisation level of the back end."""


_FUNCTIONS = frozenset(
    ("prep", "rhs", "jacobian", "observe", "call_rhs", "call_jacobian", "call_observe")
)


@functools.cache
def _target() -> tuple[str, str, str]:
    """Triple, processor and features of this computer."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = llvm.get_host_cpu_features().flatten()
    return llvm.get_process_triple(), llvm.get_host_cpu_name(), features


def _machine() -> llvm.TargetMachine:
    """Return a new target machine; an engine that is given one owns it."""
    triple, cpu, features = _target()
    return llvm.Target.from_triple(triple).create_target_machine(
        cpu=cpu, features=features, opt=_LEVEL, reloc="pic", codemodel="small"
    )


def target_name() -> str:
    """Name of everything about this computer that shapes object code."""
    return f"{' '.join(_target())} O{_LEVEL}"


def object_code(text: str) -> bytes:
    """Assemble generated code.

    Parameters
    ----------
    text
        LLVM assembly.

    Returns
    -------
    bytes
        Relocatable object code for this computer.

    Raises
    ------
    CompileError
        LLVM refuses the text.
    """
    machine = _machine()
    try:
        module = llvm.parse_assembly(text, llvm.create_context())
        module.verify()
        return bytes(machine.emit_object(module))
    except RuntimeError as error:
        message = f"LLVM refused the generated code: {str(error).strip()}."
        raise CompileError(message) from error


class Library:
    """Object code in memory, ready to run; keep it as long as its functions are used.

    Parameters
    ----------
    code
        Relocatable object code for this computer.
    """

    def __init__(self, code: bytes) -> None:
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()

    def address(self, name: str) -> int:
        """Address of a function.

        Raises
        ------
        CompileError
            There is no function of this name.
        """
        if name not in _FUNCTIONS:  # LLVM would end the process
            message = f"A kernel has no function {name!r}; it has {', '.join(sorted(_FUNCTIONS))}."
            raise CompileError(message)
        return int(self._engine.get_function_address(name))


class Workspace:
    """Fixed arrays of one thread with calls bound to them.

    Copying a vector in and out is faster than asking numpy for its address, and it lets numpy check
    shapes, so that a wrong array can never make machine code write out of bounds. The interpreter
    lock is held during a call: it lasts microseconds.

    Parameters
    ----------
    library
        The code.
    sizes
        Lengths of ``y``, ``p``, ``d`` and of the outputs of ``rhs``, ``jacobian`` and ``observe``.

    Attributes
    ----------
    y, p
        Inputs of the next call.
    derived
        Derived parameters; a call renews them when ``p`` differs from that of the call before.
    rates, jacobian, observables
        Outputs of the last call of each kind.
    """

    def __init__(self, library: Library, sizes: tuple[int, int, int, int, int, int]) -> None:
        n_states, n_parameters, n_derived, *n_outputs = sizes
        self._library = library
        self.y = np.zeros(n_states)
        self.p = np.zeros(n_parameters)
        self._memo = np.full(n_parameters, np.nan)
        self.derived = np.full(n_derived, np.nan)
        self.rates, self.jacobian, self.observables = (np.zeros(n) for n in n_outputs)
        self.call_rhs = self._bind("call_rhs", self.rates)
        self.call_jacobian = self._bind("call_jacobian", self.jacobian)
        self.call_observe = self._bind("call_observe", self.observables)

    def _bind(self, name: str, out: Array) -> Callable[[float], None]:
        kind = ctypes.PYFUNCTYPE(None, ctypes.c_double, *[ctypes.c_void_p] * 5)
        arrays = (self.y, self.p, self._memo, self.derived, out)
        y, p, memo, derived, target = (ctypes.c_void_p(a.ctypes.data) for a in arrays)
        function = kind(self._library.address(name))

        def call(t: float) -> None:
            function(t, y, p, memo, derived, target)

        return call
