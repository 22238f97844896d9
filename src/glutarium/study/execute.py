"""The work itself: all arms of a study for some members of the ensemble, in this process."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from glutarium.simulate.cell import RestCache, run_lanes
from glutarium.simulate.model import load_model
from glutarium.simulate.niche.run import run_places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan

__all__ = ["run_member", "run_members", "shared_model"]


def shared_model(solver: str = "lanes") -> CellModel:
    """The model of this process with one solver, loaded once."""
    return _loaded(solver)


@cache  # by the solver alone: a cache of the function above would tell its default from its name
def _loaded(solver: str) -> CellModel:
    return load_model(solver=solver)


@cache
def _rests(solver: str) -> RestCache:
    """States of rest of this process: many studies start from the same few."""
    return RestCache()


def run_members(
    plans: Sequence[ArmPlan], members: Sequence[int], solver: str = "lanes"
) -> list[list[Lane]]:
    """All arms of a study for some members, side by side; arms with the same rest share it.

    A member's lanes depend on its plans and its own numbers alone, not on who else is run.

    Parameters
    ----------
    plans
        What is done in each arm.
    members
        Rows of the ensemble.
    solver
        Who integrates.

    Returns
    -------
    list of list of Lane
        For every member one lane per plan.
    """
    jobs = [(plan, member) for member in members for plan in plans]
    model, rests = shared_model(solver), _rests(solver)
    alone = iter(run_lanes(model, [job for job in jobs if job[0].place is None], rests))
    together = iter(run_places(model, [job for job in jobs if job[0].place is not None], rests))
    lanes = (next(alone if plan.place is None else together) for plan, _ in jobs)
    return [[next(lanes) for _ in plans] for _ in members]


def run_member(plans: Sequence[ArmPlan], member: int) -> list[Lane]:
    """All arms of a study for one member."""
    return run_members(plans, [member])[0]
