"""From a model specification to a numerical kernel; :mod:`glutarium.compile.pipeline` is the map."""

from glutarium.compile.analyse import moieties, required_moieties
from glutarium.compile.compiled import BuildRecord, CompiledKernel
from glutarium.compile.dump import STAGES, dump
from glutarium.compile.lanes import CompiledLanes
from glutarium.compile.pipeline import compile_lanes, compile_spec

__all__ = [
    "STAGES",
    "BuildRecord",
    "CompiledKernel",
    "CompiledLanes",
    "compile_lanes",
    "compile_spec",
    "dump",
    "moieties",
    "required_moieties",
]
