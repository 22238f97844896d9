"""The work itself: all arms of a study for some members of the ensemble, in this process."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from glutarium.simulate.cell import RestCache, run_lane
from glutarium.simulate.model import load_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan

__all__ = ["run_member", "run_members", "shared_model"]


@cache
def shared_model() -> CellModel:
    """The model of this process, loaded once."""
    return load_model()


def run_members(plans: Sequence[ArmPlan], members: Sequence[int]) -> list[list[Lane]]:
    """All arms of a study for some members; arms with the same rest share it.

    A member's lanes depend on its plans and its own numbers alone, not on who else is run.

    Parameters
    ----------
    plans
        What is done in each arm.
    members
        Rows of the ensemble.

    Returns
    -------
    list of list of Lane
        For every member one lane per plan.
    """
    model = shared_model()
    return [_lanes(model, plans, member) for member in members]


def run_member(plans: Sequence[ArmPlan], member: int) -> list[Lane]:
    """All arms of a study for one member."""
    return run_members(plans, [member])[0]


def _lanes(model: CellModel, plans: Sequence[ArmPlan], member: int) -> list[Lane]:
    kept = RestCache()
    return [run_lane(model, plan, member, kept) for plan in plans]
