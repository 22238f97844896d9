"""Arrays and kernels only: time courses, states of rest and their stability; knows no biology."""

from glutarium.solve.balanced import Balance, BalancedKernel
from glutarium.solve.integrate import Options, integrate
from glutarium.solve.modes import eigenvalues
from glutarium.solve.rest import Rest, RestOptions, rest
from glutarium.solve.segments import Segment, integrate_segments

__all__ = [
    "Balance",
    "BalancedKernel",
    "Options",
    "Rest",
    "RestOptions",
    "Segment",
    "eigenvalues",
    "integrate",
    "integrate_segments",
    "rest",
]
