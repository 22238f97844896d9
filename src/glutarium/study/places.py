"""From what a study says of cells that share a place to how much there is of each, and of which clones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from glutarium.model.calibrate.draw import Draw
from glutarium.model.niche import load_niche
from glutarium.simulate.plan import ArmPlan, Clone, Phase, Place, RestPlan
from glutarium.study.cells import NUMBER
from glutarium.study.conditions import CellSetting, Conditions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.simulate.model import CellModel
    from glutarium.study.study import Study

__all__ = ["PlaceReader"]

MALIGNANT = "tumour"
NO_DRIVER = "none"


class _Host(Protocol):
    """What the reader needs of its translator."""

    model: CellModel

    def lack(self, name: str, why: str) -> None: ...

    def rest_of(self, setup: Conditions, cell: str) -> RestPlan: ...

    def phase_of(self, start: float, conditions: Conditions, cell: str) -> Phase: ...


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
        settings = [_setting(conditions, plan.cell) for plan in plans]
        shares = self._shares(plans, settings, study)
        found = []
        for plan, share in zip(plans, shares, strict=True):
            number = share * _number(conditions, plan.cell)
            place = Place(plan.arm, study.system, number, alternatives)
            clones = self._clones(plan, study, conditions) if plan.cell == MALIGNANT else ()
            found.append(replace(plan, place=place, clones=clones))
        return found

    def _shares(
        self, plans: Sequence[ArmPlan], settings: Sequence[CellSetting], study: Study
    ) -> list[float]:
        """Dry mass of every cell: gDW/L in a dish, over that of a pure tumour in a tissue."""
        usual = [self._usual(plan.cell, study.system) for plan in plans]
        whole = 1.0 if study.system == "tissue" else sum(usual)
        found = []
        for setting, share in zip(settings, usual, strict=True):
            if setting.density is not None and study.system != "tissue":
                found.append(setting.density)
            elif setting.fraction is not None:
                found.append(setting.fraction * whole)
            else:
                found.append(share)
        return found

    def _usual(self, cell: str, system: str) -> float:
        model = self._host.model
        if system != "tissue":
            return model.network.constants["dish.density"].value
        share = load_niche(model.base, Draw()).share(cell)
        if share is None:
            self._host.lack(cell, "how much of it a tissue holds is not recorded yet")
            return 1.0
        return share

    def _clones(self, plan: ArmPlan, study: Study, conditions: Conditions) -> tuple[Clone, ...]:
        """Parts of the tumour by genotype; their rest has the genotype too."""
        found = []
        for name, share in (conditions.clones or {}).items():
            own = () if name == NO_DRIVER else (name,)
            setup = replace(
                study.setup, genotype=(*(study.setup.genotype or ()), *own), clones=None
            )
            living = replace(conditions, genotype=(*(conditions.genotype or ()), *own), clones=None)
            if len(plan.phases) > 1:
                self._host.lack("clones", "they do not know timed changes yet")
            phase = self._host.phase_of(0.0, living, plan.cell)
            found.append(Clone(name, share, self._host.rest_of(setup, plan.cell), (phase,)))
        return tuple(found)


def _setting(conditions: Conditions, cell: str) -> CellSetting:
    both = [c for c in (conditions.cells, conditions.add_cells) if c is not None]
    found = [c.settings[cell] for c in both if cell in c.settings]
    return found[-1] if found else CellSetting()


def _number(conditions: Conditions, cell: str) -> float:
    """Factor on how many cells there are."""
    genes = (conditions.gene or {}).items()
    return next((x for t, x in genes if (t.cell, t.item) == (cell, NUMBER)), 1.0)
