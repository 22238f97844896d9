"""Conditions of a study file: every key of setup, arms, pre-treatments and timed changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glutarium.errors import StudyError
from glutarium.names import CONDITION_KINDS, Target
from glutarium.names.observable import NO_ALTERATION
from glutarium.study.cells_from import FROM, FROM_KEYS, cells_of, composition_of, refuse_shares
from glutarium.study.conditions import (
    CONDITION_KEYS,
    Cells,
    CellSetting,
    Conditions,
    Dose,
    Medium,
    PreTreatment,
    TimedChange,
)
from glutarium.study.fields import (
    as_flag,
    as_list,
    as_mapping,
    as_quantity,
    as_share,
    as_text,
    as_time,
    named_items,
    one_of,
)
from glutarium.study.grids import GRID
from glutarium.study.parse_tracers import parse_purity, parse_tracers
from glutarium.units import has_dimension

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from glutarium.errors import Location
    from glutarium.names import Name, Vocabulary
    from glutarium.study.yaml_lines import Node

__all__ = ["ConditionParser"]

_CELL_KEYS = ("fraction", "density", "cancer", "genotype", "gene", "expression")
_DOSE_KEYS = ("dose", "route", "every", "start", "stop")
_ROUTES = ("oral", "iv", "ip", "sc", "im")
_PH_MAX = 14.0
# A stimulus is a relative activation but for these, which have a unit.
_STIMULUS_DIMENSIONS = {"radiation_gy": "radiation", "stiffness": "fold"}
_GROUP_KINDS = ("group",)


class ConditionParser:
    """Turns nodes into :class:`Conditions`, resolving every name.

    Parameters
    ----------
    vocabulary
        All names.
    folder
        Folder of the study file: relative paths start here.
    """

    def __init__(self, vocabulary: Vocabulary, folder: Path) -> None:
        self._vocabulary = vocabulary
        self._folder = folder
        self._readers: Mapping[str, Callable[[Node], Any]] = {
            "cells": lambda node: self._cells(node, "cells"),
            "clones": self._clones,
            "cancer": lambda node: self._name(node, "cancer"),
            "genotype": self._genotype,
            "gene": self._gene,
            "expression": self._table,
            "medium": self._medium,
            "supplement": lambda node: self._concentrations(node, "supplement"),
            "oxygen": lambda node: as_share(node, "oxygen", "fraction of 1 atm"),
            "drug": self._drug,
            "stimulus": self._stimulus,
            "add_cells": lambda node: self._cells(node, "add_cells"),
            "tracer": lambda node: parse_tracers(node, self._vocabulary),
            "tracer_purity": parse_purity,
            "natural_abundance": lambda node: as_flag(node, "natural_abundance"),
            "pre_treatment": self._pre_treatment,
            "at": self._at,
            "tumour_mass_kg": lambda node: as_quantity(node, "tumour_mass_kg", "mass", "positive"),
            "spheroid": lambda node: as_quantity(node, "spheroid", "length", "positive"),
            "alternatives": self._alternatives,
        }

    def parse(self, node: Node, what: str, extra: tuple[str, ...] = ()) -> Conditions:
        """Read conditions.

        Parameters
        ----------
        node
            A mapping, or nothing.
        what
            What it is, for messages.
        extra
            Keys that stand beside the conditions and are read elsewhere.

        Raises
        ------
        GlutariumError
            An unknown key or name, a wrong unit or value; names file and line.
        """
        items = as_mapping(node, what, (*CONDITION_KEYS, *extra))
        own = {key: value for key, value in items.items() if key not in extra}
        # An empty list says something ("no alterations"); an empty mapping does not.
        return Conditions(**{key: self._readers[key](value) for key, value in own.items()})

    def _name(self, node: Node, key: str) -> str:
        text = as_text(node, key)
        return self._vocabulary.resolve(text, CONDITION_KINDS[key], location=node.location)

    def _cells(self, node: Node, key: str) -> Cells:
        if isinstance(node.value, dict):
            settings = self._settings(node, key)
            about = {k: v for k, v in as_mapping(node, key).items() if k in FROM_KEYS}
            if FROM in about:
                found = composition_of(about, self._folder)
                return cells_of(found, settings, node.location)
            refuse_shares(settings, node.location)
            return Cells(settings, listed=False)
        settings = {}
        for item in as_list(node, key):
            if isinstance(item.value, dict):
                new = self._settings(item, key)
            else:
                text = as_text(item, key)
                name = self._vocabulary.resolve(
                    text, CONDITION_KINDS["cells"], location=item.location
                )
                new = {name: CellSetting()}
            _refuse_twice(settings, new, key, item.location)
            settings |= new
        refuse_shares(settings, node.location)
        return Cells(settings)

    def _settings(self, node: Node, key: str) -> dict[str, CellSetting]:
        # A cell without a setting (`tumour:`) must stay, so empty values are not dropped here.
        found: dict[str, CellSetting] = {}
        for text, value in (node.value if isinstance(node.value, dict) else {}).items():
            if text in FROM_KEYS:
                continue
            name = self._vocabulary.resolve(text, CONDITION_KINDS["cells"], location=value.location)
            new = {name: self._setting(value, f"{key}.{text}")}
            _refuse_twice(found, new, key, value.location)
            found |= new
        return found

    def _setting(self, node: Node, what: str) -> CellSetting:
        items = as_mapping(node, what, _CELL_KEYS)
        readers: Mapping[str, Callable[[Node], Any]] = {
            "fraction": lambda n: as_share(n, f"{what}.fraction"),
            "density": lambda n: as_quantity(n, f"{what}.density", "density"),
            "cancer": self._readers["cancer"],
            "genotype": self._genotype,
            "gene": self._own_gene,
            "expression": self._table,
        }
        return CellSetting(**{key: readers[key](value) for key, value in items.items()})

    def _clones(self, node: Node) -> dict[str, float]:
        shares: dict[str, float] = {}
        for text, value in as_mapping(node, "clones").items():
            kinds = CONDITION_KINDS["genotype"]
            known = text == NO_ALTERATION
            name = (
                text if known else self._vocabulary.resolve(text, kinds, location=node.where(text))
            )
            shares[name] = as_share(value, f"clones.{text}")
        return shares

    def _genotype(self, node: Node) -> tuple[str, ...]:
        kinds = CONDITION_KINDS["genotype"]
        items = [(as_text(item, "genotype"), item.location) for item in as_list(node, "genotype")]
        names = [self._vocabulary.resolve(text, kinds, location=at) for text, at in items]
        return tuple(dict.fromkeys(names))

    def _gene(self, node: Node) -> dict[Target, float]:
        values: dict[Target, float] = {}
        for text, value in as_mapping(node, "gene").items():
            target = Target.parse(text, self._vocabulary, location=node.where(text))
            if target in values:
                message = f"gene: {text!r} is {target.name!r}, which stands here twice; keep one"
                raise StudyError(message, location=value.location)
            values[target] = as_quantity(value, f"gene.{text}", "fold")
        return values

    def _own_gene(self, node: Node) -> dict[str, float]:
        items = named_items(node, "gene", CONDITION_KINDS["gene"], self._vocabulary)
        return {e.name: as_quantity(value, f"gene.{e.name}", "fold") for e, value in items}

    def _table(self, node: Node) -> Path:
        path = self._folder / as_text(node, "expression")
        if not path.is_file():
            message = f"expression: there is no file {str(path)!r} (paths start at the study file)"
            raise StudyError(message, location=node.location)
        return path

    def _medium(self, node: Node) -> Medium:
        items = as_mapping(node, "medium")
        base = items.get("base")
        if base is None:
            return Medium(None, self._concentrations(node, "medium"))
        text, kinds = as_text(base, "medium.base"), CONDITION_KINDS["base"]
        name = self._vocabulary.resolve(text, kinds, location=base.location)
        return Medium(name, self._concentrations(node, "medium", skip=("base",)))

    def _concentrations(self, node: Node, key: str, skip: tuple[str, ...] = ()) -> dict[str, float]:
        kinds = CONDITION_KINDS[key]
        items = named_items(node, key, kinds, self._vocabulary, skip=skip)
        return {entry.name: self._concentration(entry, value, key) for entry, value in items}

    def _concentration(self, entry: Name, node: Node, key: str) -> float:
        what = f"{key}.{entry.name}"
        if entry.kind in _GROUP_KINDS:
            return as_quantity(node, what, "fold")
        if entry.name != "pH":
            return as_quantity(node, what, "concentration")
        value = as_quantity(node, what, "fraction", "positive")
        if value > _PH_MAX:
            message = f"{what}: {value:g} is not a pH (0-14)"
            raise StudyError(message, location=node.location)
        return value

    def _drug(self, node: Node) -> dict[str, float | Dose]:
        items = named_items(node, "drug", CONDITION_KINDS["drug"], self._vocabulary)
        return {
            entry.name: self._dose(value, f"drug.{entry.name}")
            if isinstance(value.value, dict)
            else as_quantity(value, f"drug.{entry.name}", "drug")
            for entry, value in items
        }

    def _dose(self, node: Node, what: str) -> Dose:
        if isinstance(node.value, dict) and GRID in node.value:
            message = (
                f"{what}: a grid of doses stands in an arm, not in setup or a nested condition"
            )
            raise StudyError(message, location=node.location)
        items = as_mapping(node, what, _DOSE_KEYS)
        for key in ("dose", "route"):
            if key not in items:
                message = f"{what} has no {key!r}: write {{dose: 800 mg, route: oral, every: 12 h}}"
                raise StudyError(message, location=node.location)
        unit = as_text(items["dose"], f"{what}.dose").lstrip("0123456789.eE+- ")
        per_kg = "/" in unit and has_dimension(unit, "dose per body mass")
        dimension = "dose per body mass" if per_kg else "dose"
        every, stop = items.get("every"), items.get("stop")
        return Dose(
            amount=as_quantity(items["dose"], f"{what}.dose", dimension),
            per_kg=per_kg,
            route=one_of(items["route"], f"{what}.route", _ROUTES),
            every_h=None if every is None else as_time(every, f"{what}.every", "positive"),
            start_h=as_time(items["start"], f"{what}.start") if "start" in items else 0.0,
            stop_h=None if stop is None else as_time(stop, f"{what}.stop"),
        )

    def _stimulus(self, node: Node) -> dict[str, float]:
        values: dict[str, float] = {}
        kinds = CONDITION_KINDS["stimulus"]
        for entry, value in named_items(node, "stimulus", kinds, self._vocabulary):
            what = f"stimulus.{entry.name}"
            dimension = _STIMULUS_DIMENSIONS.get(entry.name)
            if dimension is None:
                values[entry.name] = as_share(value, what, "relative activation")
            else:
                values[entry.name] = as_quantity(value, what, dimension)
        return values

    def _pre_treatment(self, node: Node) -> PreTreatment:
        duration = as_mapping(node, "pre_treatment").get("for")
        conditions = self.parse(node, "pre_treatment", ("for",))
        if duration is None:
            return PreTreatment(conditions)
        return PreTreatment(conditions, as_time(duration, "pre_treatment.for", "positive"))

    def _at(self, node: Node) -> tuple[TimedChange, ...]:
        changes = [self._change(item) for item in as_list(node, "at")]
        return tuple(sorted(changes, key=lambda change: change.time_h))

    def _change(self, node: Node) -> TimedChange:
        time = as_mapping(node, "at").get("time")
        if time is None:
            message = "at: a timed change has no 'time': write {time: 24 h, medium: {glutamine: 0}}"
            raise StudyError(message, location=node.location)
        return TimedChange(as_time(time, "at.time"), self.parse(node, "at", ("time",)))

    def _alternatives(self, node: Node) -> dict[str, str]:
        items = as_mapping(node, "alternatives")
        return {key: as_text(value, f"alternatives.{key}") for key, value in items.items()}


def _refuse_twice(
    known: Mapping[str, object], new: Mapping[str, object], key: str, location: Location
) -> None:
    for name in new:
        if name in known:
            message = f"{key}: {name!r} is listed twice; give a fraction or density instead"
            raise StudyError(message, location=location)
