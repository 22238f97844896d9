"""Arrays and kernels only: time courses, states of rest and their stability; knows no biology."""

from glutarium.solve.batch import Batch, BatchResult, Change, Crossing, Edit, System, Watch
from glutarium.solve.integrate import Options, integrate
from glutarium.solve.lanes import LaneOptions, run_batch
from glutarium.solve.modes import eigenvalues
from glutarium.solve.reference import run_reference
from glutarium.solve.rest import Rest, RestOptions, find_rest
from glutarium.solve.segments import Segment, integrate_segments

__all__ = [
    "Batch",
    "BatchResult",
    "Change",
    "Crossing",
    "Edit",
    "LaneOptions",
    "Options",
    "Rest",
    "RestOptions",
    "Segment",
    "System",
    "Watch",
    "eigenvalues",
    "find_rest",
    "integrate",
    "integrate_segments",
    "run_batch",
    "run_reference",
]
