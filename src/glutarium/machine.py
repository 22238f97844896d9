"""From LLVM assembly to functions that can be called.

The only place that talks to LLVM's back end. ``compile`` writes the code of a model, ``solve`` the code of
a method; both are turned into object code and loaded here. Only the machine-dependent back end runs:
straight-line code comes from a graph that has already done what optimisation passes would do, and
running them costs seconds and makes it slower.
"""

from __future__ import annotations

import functools

import llvmlite
import llvmlite.binding as llvm

from glutarium.errors import CompileError

__all__ = ["Library", "fitting_width", "object_code", "target_name", "vector_width"]

_LEVEL = 1
"""Optimisation level of the back end."""

_WIDE = "avx512f"
"""Processor feature with registers of eight doubles."""


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
    """Name of everything about this computer and its compiler that shapes object code."""
    return f"{' '.join(_target())} O{_LEVEL} llvmlite {llvmlite.__version__}"


def vector_width() -> int:
    """Lanes that fill the processor's registers: 8 with AVX-512, 4 otherwise."""
    return 8 if f"+{_WIDE}" in _target()[2].split(",") else 4


def fitting_width(systems: int) -> int:
    """Lanes for so many systems: no wider than they fill, since lanes without a system cost time as well.

    A kernel of one lane runs a single system 1.8 to 2.8 times as fast as one of eight, with the same
    bits; it is compiled and kept apart from the other.

    Parameters
    ----------
    systems
        How many there are at most in one batch.

    Returns
    -------
    int
        A power of two, :func:`vector_width` at most.
    """
    width = vector_width()
    while width > 1 and width >= 2 * systems:
        width //= 2
    return width


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
    functions
        Names of its functions.
    """

    def __init__(self, code: bytes, functions: frozenset[str]) -> None:
        self._functions = functions
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
        if name not in self._functions:  # LLVM would end the process
            known = ", ".join(sorted(self._functions))
            message = f"A kernel has no function {name!r}; it has {known}."
            raise CompileError(message)
        return int(self._engine.get_function_address(name))
