"""From what a study says of one cell to parameters: profile, genotype, genes, density.

A level is the product of what the cell's profile, its alterations and the study's multipliers make of a
gene. ``cancer``, ``genotype`` and ``expression`` at the top apply to ``tumour``, those in a cell's own
mapping to that cell.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from glutarium.knowledge.vocabulary import vocabulary
from glutarium.model.niche import LINEAGE
from glutarium.model.profiles import (
    GROWTH_SIGNAL,
    REFERENCE,
    Profile,
    level_of,
    recorded_profile,
)
from glutarium.study.conditions import CellSetting, Conditions
from glutarium.study.expression_table import read_profile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from glutarium.simulate.model import CellModel

__all__ = ["NUMBER", "CellReader", "dish_name"]

NUMBER = "number"
"""Handle of how many cells there are, among those of a cell's genes."""


def dish_name(arm: str, cell: str) -> str:
    """Name of a further dish of an arm; no arm of a study is called like that."""
    return f"{arm} (its dish of {cell})"


class CellReader:
    """Reads parameters of cells.

    Parameters
    ----------
    model
        The compiled model.
    lack
        Called with a name that the model lacks and why.
    """

    def __init__(self, model: CellModel, lack: Callable[[str, str], None]) -> None:
        self._model = model
        self._base = model.base
        nodes = model.network.regulation.nodes.values()
        self._genes = {*model.network.genes, *(n.id for n in nodes if n.kind != "input")}
        self._lack = lack

    def parameters(self, conditions: Conditions, cell: str) -> dict[str, float]:
        """Protein levels, growth signal and density of a cell under some conditions."""
        setting = _setting(conditions, cell)
        profile = self._profile(conditions, cell, setting)
        levels = self._levels(profile)
        for alteration in _genotype(conditions, cell, setting):
            self._multiply(levels, self._altered(alteration))
        for item, factor in self._factors(conditions, cell, setting).items():
            self._multiply(levels, dict.fromkeys(self._members(item), factor))
        parameters = {f"level.{gene}": level for gene, level in levels.items()}
        parameters |= self._contexts(conditions, cell, setting)
        if profile.signal != 1.0:
            parameters[GROWTH_SIGNAL] = profile.signal
        if setting.density is not None:
            parameters["dish.density"] = setting.density
        return parameters

    def plain(self, conditions: Conditions, cell: str) -> tuple[dict[str, float], tuple[str, ...]]:
        """Parameters of a cell as its profile was measured, and the genes that this measured.

        A profile of the package is of no genotype; a table of the cell's own was measured with the genotype
        that stands beside it in the cell's mapping, which therefore is no change from there.
        """
        setting = _setting(conditions, cell)
        profile = self._profile(conditions, cell, setting)
        measured_with = setting if setting.expression else replace(setting, genotype=None)
        cancer = Conditions(cancer=conditions.cancer)
        levels = self._levels(profile)
        for alteration in _genotype(cancer, cell, measured_with):
            self._multiply(levels, self._altered(alteration))
        parameters = {f"level.{g}": level for g, level in levels.items()}
        parameters |= self._contexts(cancer, cell, measured_with)
        if profile.signal != 1.0:
            parameters[GROWTH_SIGNAL] = profile.signal
        regulation = self._model.network.regulation
        measured = (g for g in profile.folds if g in self._genes and regulation.has_protein(g))
        return parameters, tuple(measured)

    def _levels(self, profile: Profile) -> dict[str, float]:
        """Gene → level by its fold, of genes that the model has."""
        folds = profile.folds.items()
        return {g: level_of(fold, self._base) for g, fold in folds if g in self._genes}

    def _profile(self, conditions: Conditions, cell: str, setting: CellSetting) -> Profile:
        """Profile of a cell: its own, that of its cancer, and over both what was measured of it."""
        malignant = cell == REFERENCE
        cancer = setting.cancer or (conditions.cancer if malignant else None)
        table = setting.expression or (conditions.expression if malignant else None)
        found = self._recorded(cell, "the model has no profile of this cell yet")
        if cancer is not None:
            found = self._recorded(cancer, "the model has no profile of this cancer yet").over(
                found
            )
        if setting.profile is not None:
            found = setting.profile.over(found)
        return found if table is None else self._measured(table).over(found)

    def _recorded(self, name: str, why: str) -> Profile:
        found = recorded_profile(self._base, name)
        if found is None:
            self._lack(name, why)
            return Profile(name)
        return found

    def _measured(self, table: Path) -> Profile:
        return read_profile(table, self._base, vocabulary()).profile

    def _factors(
        self, conditions: Conditions, cell: str, setting: CellSetting
    ) -> Mapping[str, float]:
        genes = (conditions.gene or {}).items()
        own = {t.item: x for t, x in genes if t.cell == cell and t.item != NUMBER}
        return own | dict(setting.gene or {})

    def _multiply(self, levels: dict[str, float], factors: Mapping[str, float]) -> None:
        for gene, factor in factors.items():
            levels[gene] = levels.get(gene, 1.0) * factor

    def _altered(self, alteration: str) -> dict[str, float]:
        rows = self._base.alterations.where("alteration", alteration)
        if not rows:
            self._lack(alteration, "no effect of this genotype on expression is recorded yet")
        return {r.gene: r.fold for r in rows if r.gene in self._genes}

    def _contexts(
        self, conditions: Conditions, cell: str, setting: CellSetting
    ) -> dict[str, float]:
        """Contexts that hold, of those in which edges act."""
        cancer = setting.cancer or (conditions.cancer if cell == REFERENCE else None)
        holding = {f"genotype:{g}" for g in _genotype(conditions, cell, setting)}
        holding |= {f"cell:{cell}", f"cancer:{cancer}"}
        lineages = self._base.groups.where("kind", LINEAGE)
        holding |= {f"{LINEAGE}:{row.name}" for row in lineages if cell in row.members}
        known = self._model.parameter_index
        return {f"context.{c}": 1.0 for c in sorted(holding) if f"context.{c}" in known}

    def _members(self, item: str) -> tuple[str, ...]:
        if item in self._genes:
            return (item,)
        group = self._base.groups.get("gene", item)
        if group is None:
            self._lack(item, "no reaction of the network depends on it yet")
            return ()
        return group.members


def _setting(conditions: Conditions, cell: str) -> CellSetting:
    """What the conditions say of one cell in its own mapping."""
    for cells in (conditions.cells, conditions.add_cells):
        if cells is not None and cell in cells.settings:
            return cells.settings[cell]
    return CellSetting()


def _genotype(conditions: Conditions, cell: str, setting: CellSetting) -> list[str]:
    shared = conditions.genotype if cell == REFERENCE else None
    return [*(shared or ()), *(setting.genotype or ())]
