"""From what a study says of cells that share a place to how much there is of each, and of which clones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from glutarium.errors import ModelError
from glutarium.model.calibrate.draw import Draw
from glutarium.model.niche import load_niche, population
from glutarium.model.spheroid import load_spheroid
from glutarium.names.observable import NO_ALTERATION
from glutarium.simulate.niche.hands import MALIGNANT
from glutarium.simulate.plan import ArmPlan, Clone, Phase, Place, RestPlan
from glutarium.study.cells import NUMBER
from glutarium.study.conditions import CellSetting, Conditions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.simulate.model import CellModel
    from glutarium.study.study import Study

__all__ = ["PlaceReader"]


class _Host(Protocol):
    """What the reader needs of its translator."""

    model: CellModel

    def lack(self, name: str, why: str) -> None: ...

    def rest_of(self, setup: Conditions, cell: str) -> RestPlan: ...

    def treated(self, setup: Conditions, conditions: Conditions, cell: str) -> Phase | None: ...

    def phases_of(self, conditions: Conditions, cell: str) -> tuple[Phase, ...]: ...


class PlaceReader:
    """Reads how cells share a place.

    Parameters
    ----------
    host
        The translator whose plans are placed.
    """

    def __init__(self, host: _Host) -> None:
        self._host = host

    def settled(
        self, plans: Sequence[ArmPlan], study: Study, conditions: Conditions
    ) -> list[ArmPlan]:
        """The plans of an arm in one place, each with its share and its clones."""
        alternatives = tuple(sorted((conditions.alternatives or {}).items()))
        diameter = self._diameter(study, conditions)
        settings = [_setting(conditions, plan.cell) for plan in plans]
        shares = self._shares(plans, settings, study)
        found, growing = [], population(self._host.model.base, MALIGNANT)
        if conditions.clones and not any(plan.cell in growing for plan in plans):
            self._host.lack(
                "clones", f"none of the cells has any; {', '.join(sorted(growing))} may"
            )
        for plan, share in zip(plans, shares, strict=True):
            number = share * _number(conditions, plan.cell)
            place = Place(plan.arm, study.system, number, alternatives, diameter)
            clones = self._clones(plan, study, plan.arm) if plan.cell in growing else ()
            found.append(replace(plan, place=place, clones=clones))
        return found

    def _diameter(self, study: Study, conditions: Conditions) -> float:
        """Diameter of the balls of a dish, um; zero for none."""
        diameter = conditions.spheroid or 0.0
        if diameter and study.system != "coculture":
            self._host.lack("spheroid", "balls of cells grow in the system coculture")
        elif diameter:
            try:
                load_spheroid(self._host.model.base, Draw(), diameter)
            except ModelError as error:
                self._host.lack("spheroid", error.message)
        return diameter

    def _shares(
        self, plans: Sequence[ArmPlan], settings: Sequence[CellSetting], study: Study
    ) -> list[float]:
        """Dry mass of every cell: gDW/L in a dish, over that of a pure tumour in a tissue."""
        if study.system == "tissue":
            return self._shares_of_tissue(plans, settings)
        usual = self._host.model.network.constants["dish.density"].value
        whole = usual * len(plans)
        return [
            s.density
            if s.density is not None
            else usual
            if s.fraction is None
            else s.fraction * whole
            for s in settings
        ]

    def _shares_of_tissue(
        self, plans: Sequence[ArmPlan], settings: Sequence[CellSetting]
    ) -> list[float]:
        """Fractions as they are said; cells without one share the rest as a tissue usually holds them."""
        for plan, setting in zip(plans, settings, strict=True):
            if setting.density is not None:
                why = "cells of a tissue are told by their share of its dry mass; give a fraction"
                self._host.lack(f"density of {plan.cell}", why)
        usual = [
            self._usual(plan.cell) if setting.fraction is None else 0.0
            for plan, setting in zip(plans, settings, strict=True)
        ]
        if all(setting.fraction is None for setting in settings):
            return usual
        left = 1.0 - sum(s.fraction for s in settings if s.fraction is not None)
        others = sum(usual)
        if others and left <= 0.0:
            self._host.lack("fraction", "the cells without one are left nothing of 1")
        return [
            share * left / others if s.fraction is None else s.fraction
            for s, share in zip(settings, usual, strict=True)
        ]

    def _usual(self, cell: str) -> float:
        model = self._host.model
        share = load_niche(model.base, Draw()).share(cell)
        if share is None:
            self._host.lack(cell, "how much of it a tissue holds is not recorded yet")
            return 1.0
        return share

    def _clones(self, plan: ArmPlan, study: Study, arm: str) -> tuple[Clone, ...]:
        """Parts of the tumour by genotype; they rest with it, and it stays under all timed changes."""
        found = []
        for name, share in (study.merged(arm).clones or {}).items():
            own = () if name == NO_ALTERATION else (name,)
            setup, living = _with(study.setup, own), _with(study.merged(arm), own)
            rest = self._host.rest_of(setup, plan.cell)
            before = self._host.treated(setup, living, plan.cell)
            phases = self._host.phases_of(living, plan.cell)
            found.append(Clone(name, share, rest, phases, before))
        return tuple(found)


def _with(conditions: Conditions, alterations: tuple[str, ...]) -> Conditions:
    """Conditions of a clone: of the tumour, with more alterations."""
    genotype = (*(conditions.genotype or ()), *alterations)
    return replace(conditions, genotype=genotype, clones=None)


def _setting(conditions: Conditions, cell: str) -> CellSetting:
    both = [c for c in (conditions.cells, conditions.add_cells) if c is not None]
    found = [c.settings[cell] for c in both if cell in c.settings]
    return found[-1] if found else CellSetting()


def _number(conditions: Conditions, cell: str) -> float:
    """Factor on how many cells there are."""
    genes = (conditions.gene or {}).items()
    return next((x for t, x in genes if (t.cell, t.item) == (cell, NUMBER)), 1.0)
