"""Study files in, :class:`Study` values out; every name resolved, every error with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from glutarium.errors import StudyError
from glutarium.study.cells_from import refuse_clones
from glutarium.study.conditions import Conditions, merge, qualify
from glutarium.study.fields import as_list, as_mapping, as_text, as_texts, as_time, one_of
from glutarium.study.grids import expand_grids
from glutarium.study.parse_conditions import ConditionParser
from glutarium.study.parse_expect import parse_expectation, parse_readout
from glutarium.study.study import (
    DEFAULT_DURATION_H,
    SYSTEMS,
    Arm,
    Expectation,
    Readout,
    Study,
    System,
)
from glutarium.study.yaml_lines import load_documents, study_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from glutarium.errors import Location
    from glutarium.names import Vocabulary
    from glutarium.study.grids import Grid
    from glutarium.study.yaml_lines import Document, Node

__all__ = ["read_studies"]

_KEYS = (
    "study",
    "title",
    "claims",
    "system",
    "duration",
    "setup",
    "arms",
    "readouts",
    "expect",
    "disputed_with",
)
_REQUIRED = ("study", "system", "arms")
_TUMOUR = "tumour"


def read_studies(paths: Sequence[Path], vocabulary: Vocabulary) -> list[Study]:
    """Read all studies of files and folders.

    Parameters
    ----------
    paths
        Files, or folders whose YAML files are read.
    vocabulary
        All names.

    Returns
    -------
    list of Study
        In the order of the files and of the documents in them.

    Raises
    ------
    StudyError
        A path holds no study, or a file is not a study; names file, line and what is allowed.
    UnknownNameError
        A name is not in the vocabulary; carries the closest ones.
    UnitError
        A value has a wrong unit or a sign that is not allowed.
    """
    return [study for file in study_files(paths) for study in _read_file(file, vocabulary)]


def _read_file(path: Path, vocabulary: Vocabulary) -> list[Study]:
    first: dict[str, Location] = {}
    studies = []
    for document in load_documents(path):
        study = _StudyParser(document, path, vocabulary).parse()
        if study.id in first:
            message = f"The study id {study.id!r} stands twice in this file: {first[study.id]}"
            raise StudyError(message, location=study.location)
        first[study.id] = study.location
        studies.append(study)
    return studies


class _StudyParser:
    """Reads one document."""

    def __init__(self, document: Document, path: Path, vocabulary: Vocabulary) -> None:
        self._document = document
        self._vocabulary = vocabulary
        self._conditions = ConditionParser(vocabulary, path.parent)
        if not isinstance(document.root.value, dict):
            message = (
                f"A study is a mapping with {', '.join(map(repr, _REQUIRED))}, "
                f"not {document.root.kind}"
            )
            raise StudyError(message, location=document.root.location)
        self._items = as_mapping(document.root, "a study", _KEYS)

    def parse(self) -> Study:
        items, location = self._items, self._document.root.location
        for key in _REQUIRED:
            if key not in items:
                message = f"The study has no {key!r}; needed are {', '.join(map(repr, _REQUIRED))}"
                raise StudyError(message, location=location)
        system = cast("System", one_of(items["system"], "system", SYSTEMS))
        duration = self._duration(system)
        written, grids = self._written()
        setup, arms = self._qualified(system, written)
        return Study(
            id=as_text(items["study"], "study"),
            system=system,
            duration_h=duration,
            setup=setup,
            arms=arms,
            location=location,
            title=as_text(items["title"], "title") if "title" in items else "",
            claims=self._texts("claims"),
            readouts=self._readouts(duration),
            expectations=self._expectations(list(arms), duration),
            disputed_with=self._texts("disputed_with"),
            text=self._document.text,
            grids=grids,
        )

    def _texts(self, key: str) -> tuple[str, ...]:
        return as_texts(self._items[key], key) if key in self._items else ()

    def _duration(self, system: System) -> float:
        if "duration" not in self._items:
            return DEFAULT_DURATION_H[system]
        return as_time(self._items["duration"], "duration", "positive")

    def _written(self) -> tuple[dict[str, Node], tuple[Grid, ...]]:
        """Arms as they were written, grids of doses written out."""
        node = self._items["arms"]
        if not isinstance(node.value, dict) or not node.value:
            message = "'arms' must name at least one arm: write arms: {control: {}, treated: {…}}"
            raise StudyError(message, location=node.location)
        return expand_grids(node.value, self._vocabulary)

    def _qualified(
        self, system: System, written: dict[str, Node]
    ) -> tuple[Conditions, dict[str, Arm]]:
        """Read setup and arms, and put to every bare gene symbol the cell that it acts on."""
        said = self._items.get("setup")
        setup = Conditions() if said is None else self._conditions.parse(said, "setup")
        arms = self._arms(written)
        merged = {name: merge(setup, own) for name, (own, _) in arms.items()}
        cells = [setup.cell_names, *(c.cell_names for c in merged.values())]
        common = next((names for names in cells if names), ())
        done = {
            name: Arm(name, qualify(own, _default_cell(merged[name].cell_names)))
            for name, (own, _) in arms.items()
        }
        for name, (_, node) in arms.items():
            self._require_cells(system, merged[name], node)
            refuse_clones(merged[name].clones or {}, node.location)
        return qualify(setup, _default_cell(common)), done

    def _arms(self, written: dict[str, Node]) -> dict[str, tuple[Conditions, Node]]:
        # An arm without conditions of its own may be written as `control:`.
        return {
            name: (self._conditions.parse(own, f"arm {name!r}"), own)
            for name, own in written.items()
        }

    def _require_cells(self, system: System, merged: Conditions, node: Node) -> None:
        placed = all(target.cell for target in merged.gene or ())
        if merged.cell_names or (system == "body" and placed):
            return
        message = "No cells are listed: write cells: [tumour] in setup"
        raise StudyError(message, location=node.location)

    def _readouts(self, duration: float) -> tuple[Readout, ...]:
        if "readouts" not in self._items:
            return ()
        nodes = as_list(self._items["readouts"], "readouts")
        pairs = [(parse_readout(node, self._vocabulary), node) for node in nodes]
        for readout, node in pairs:
            _require_in_time(readout.at_h, duration, node)
        return tuple(readout for readout, _ in pairs)

    def _expectations(self, arms: list[str], duration: float) -> tuple[Expectation, ...]:
        if "expect" not in self._items:
            return ()
        nodes = as_list(self._items["expect"], "expect")
        pairs = [(parse_expectation(node, arms, self._vocabulary), node) for node in nodes]
        for expectation, node in pairs:
            _require_in_time(expectation.at_h, duration, node)
        return tuple(expectation for expectation, _ in pairs)


def _default_cell(names: tuple[str, ...]) -> str:
    """Return the cell that a bare gene symbol acts on."""
    return _TUMOUR if _TUMOUR in names else next(iter(names), "")


def _require_in_time(at_h: float | None, duration: float, node: Node) -> None:
    if at_h is not None and at_h > duration:
        message = f"at: {at_h:g} h is after the end of the run ({duration:g} h); raise 'duration'"
        raise StudyError(message, location=node.location)
