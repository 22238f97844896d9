"""What the figures are measured on: the recorded values, then the members of the ensemble."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from glutarium.errors import ModelError
from glutarium.model.calibrate.draw import Draw
from glutarium.model.ensemble import REFERENCE_MEDIUM, Ensemble, load_ensemble
from glutarium.model.member import calibrate
from glutarium.simulate.model import medium_of
from glutarium.study.build_ensemble import base_model

if TYPE_CHECKING:
    from glutarium.model.member import Member
    from glutarium.simulate.model import CellModel

__all__ = ["RECORDED", "Subjects", "subjects", "with_members"]

RECORDED = "recorded values"


@dataclass(frozen=True)
class Subjects:
    """One model whose members are the subjects.

    Attributes
    ----------
    model
        Its first member holds the recorded values, the others are those of the shipped ensemble.
    names
        One per member: ``recorded values`` or ``draw <seed>``.
    """

    model: CellModel
    names: tuple[str, ...]

    @property
    def ensemble(self) -> CellModel:
        """The same model with the shipped members alone."""
        return with_members(self.model, slice(1, None))


def with_members(model: CellModel, rows: slice) -> CellModel:
    """The same model with some of its members."""
    whole = model.ensemble
    kept = Ensemble(whole.parameters[rows], whole.initial[rows], whole.provenance)
    return model.with_ensemble(kept)


@cache
def subjects(members: int | None = None) -> Subjects:
    """Load the subjects; once per process.

    Parameters
    ----------
    members
        How many members of the shipped ensemble; all by default. With 0 it is not even read.

    Raises
    ------
    ModelError
        If the recorded values themselves have no reference state, or the ensemble is out of date.
    """
    plain = base_model()
    first = Ensemble.from_members(plain.spec, [_recorded_member(plain)], {})
    if members == 0:
        return Subjects(plain.with_ensemble(first), (RECORDED,))
    shipped = load_ensemble(plain.spec, plain.base, plain.network)
    kept = shipped if members is None else shipped.first(members)
    seeds = kept.provenance["seeds"][: len(kept)]
    both = Ensemble(
        np.vstack([first.parameters, kept.parameters]),
        np.vstack([first.initial, kept.initial]),
        kept.provenance,
    )
    names = (RECORDED, *(RECORDED if seed is None else f"draw {seed}" for seed in seeds))
    return Subjects(plain.with_ensemble(both), names)


def _recorded_member(plain: CellModel) -> Member:
    medium = medium_of(plain.base, plain.network, REFERENCE_MEDIUM)
    found = calibrate(plain.spec, plain.network, medium, Draw(None))
    if found.member is None:
        message = (
            f"The recorded values have no reference state: {found.reason}; "
            "see the priors in fluxes.tsv, pools.tsv and kinetics.tsv"
        )
        raise ModelError(message)
    return found.member
