"""Measured isotopologues from files: a table, or mzTab-M by Pyteomics (extra ``labels``)."""

from __future__ import annotations

import csv
import math
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from glutarium.errors import KnowledgeError, Location, MissingExtraError
from glutarium.study.measured_labels import check_distribution, isotopologue_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from glutarium.kernel import Array

__all__ = ["Isotopologues", "read_isotopologues"]

COLUMNS = ("metabolite", "isotopologue", "value", "error")
OPTIONAL = ("arm", "hours")
MZTAB = (".mztab", ".mztab-m")
_ISOTOPOMER = re.compile(r"\+?\s*(\d+)")
_CARBONS = re.compile(r"C(\d*)(?![a-z])")
_ABUNDANCE = re.compile(r"abundance_assay\[(\d+)\]")


@dataclass(frozen=True, eq=False)
class Isotopologues:
    """A measured distribution.

    Attributes
    ----------
    metabolite
        Name, as the file has it.
    arm
        Condition; empty where the file has none.
    hours
        Time with the tracer, h; NaN where the file has none.
    values, errors
        Fraction of M+0 and so on, and standard errors (NaN where unsaid).
    location
        Where it begins.
    """

    metabolite: str
    arm: str
    hours: float
    values: Array
    errors: Array
    location: Location


def read_isotopologues(path: Path) -> list[Isotopologues]:
    """Read a table or an mzTab-M file.

    A table is tab-separated with the columns ``metabolite``, ``isotopologue`` (``M0``, ``M+1``, ``2``),
    ``value`` and ``error`` (may be empty), and may have ``arm`` and ``hours``. Of mzTab-M the features of
    every small molecule are read, with their isotopomer and the abundance in every assay; a study
    variable is an arm.

    Parameters
    ----------
    path
        The file; ``.mztab`` is mzTab-M.

    Raises
    ------
    KnowledgeError
        The file is missing, a column or a number is, or a distribution is not one; names file and line.
    MissingExtraError
        Pyteomics is not installed.
    """
    if not path.is_file():
        message = f"{path} is not there; give a table of isotopologues, or an mzTab-M file"
        raise KnowledgeError(message)
    return list(_mztab(path) if path.suffix.lower() in MZTAB else _table(path))


def _table(path: Path) -> Iterator[Isotopologues]:
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream, delimiter="\t")
        lacking = [c for c in COLUMNS if c not in (reader.fieldnames or ())]
        if lacking:
            message = (
                f"The table has no column {lacking[0]!r}; it needs {', '.join(COLUMNS)}, tab-separated, "
                f"and may have {' and '.join(OPTIONAL)}"
            )
            raise KnowledgeError(message, location=Location(path, 1))
        rows = list(enumerate(reader, start=2))
    found: defaultdict[tuple[str, str, float], dict[int, tuple[float, float, int]]]
    found = defaultdict(dict)
    for line, row in rows:
        at = Location(path, line)
        key = row["metabolite"], row.get("arm") or "", _number(row.get("hours"), "hours", at)
        count = isotopologue_number(row["isotopologue"], at)
        if count in found[key]:
            message = f"{key[0]}: isotopologue M{count} stands twice for one condition and time"
            raise KnowledgeError(message, location=at)
        value = _number(row["value"], "value", at)
        if math.isnan(value):
            message = f"{key[0]}: M{count} has no value; write a fraction, 0 where nothing was seen"
            raise KnowledgeError(message, location=at)
        found[key][count] = value, _number(row["error"], "error", at), line
    for (metabolite, arm, hours), own in found.items():
        at = Location(path, min(line for *_, line in own.values()))
        shares = {n: value for n, (value, *_) in own.items()}
        values = check_distribution(shares, max(shares), at, metabolite)
        errors = np.array([own[n][1] for n in range(len(values))])
        yield Isotopologues(metabolite, arm, hours, values, errors, at)


def _number(text: str | None, column: str, at: Location) -> float:
    if text is None or not text.strip():
        return math.nan
    try:
        return float(text)
    except ValueError:
        message = f"{column} is {text!r}; write a number, with a point"
        raise KnowledgeError(message, location=at) from None


def _mztab(path: Path) -> Iterator[Isotopologues]:
    file = _opened(path)
    lines = _lines(path)
    features = {str(row["SMF_ID"]): row for row in _rows(file.small_molecule_feature_table)}
    for row in _rows(file.small_molecule_table):
        name, key = str(row["chemical_name"]), str(row["SML_ID"])
        at = Location(path, lines.get(("SML", key)))
        areas: dict[int, Mapping[str, Any]] = {}
        for feature in _references(row["SMF_ID_REFS"]):
            if feature not in features:
                message = f"{name}: feature {feature} is referred to, but there is no such SMF row"
                raise KnowledgeError(message, location=at)
            count = _isotopomer(features[feature], Location(path, lines.get(("SMF", feature))))
            if count in areas:
                message = f"{name}: features {feature} and another are both isotopologue M{count}"
                raise KnowledgeError(message, location=Location(path, lines.get(("SMF", feature))))
            areas[count] = features[feature]
        size = _carbons(str(row.get("chemical_formula", "")), max(areas, default=0))
        for arm, assays in _arms(file, areas).items():
            yield _averaged(name, arm, areas, assays, size, at)


def _averaged(  # noqa: PLR0917
    name: str,
    arm: str,
    areas: Mapping[int, Mapping[str, Any]],
    assays: list[str],
    size: int,
    at: Location,
) -> Isotopologues:
    """Mean distribution of the assays of an arm, with its standard error."""
    found = []
    for assay in assays:
        own = {n: _area(row.get(assay)) for n, row in areas.items()}
        whole = sum(own.values())
        if whole <= 0.0:
            message = f"{name}: {assay} holds no abundance of any isotopologue"
            raise KnowledgeError(message, location=at)
        shares = {n: area / whole for n, area in own.items()}
        found.append(check_distribution(shares, size, at, name))
    values = np.mean(found, axis=0)
    errors = np.full(len(values), np.nan)
    if len(found) > 1:
        errors = np.std(found, axis=0, ddof=1) / math.sqrt(len(found))
    return Isotopologues(name, arm, math.nan, np.asarray(values), np.asarray(errors), at)


def _opened(path: Path) -> Any:  # noqa: ANN401  (the library has no types)
    try:
        from pyteomics import mztab  # noqa: PLC0415
    except ImportError as error:
        package, extra = "pyteomics", "labels"
        raise MissingExtraError(package, extra) from error
    try:
        with path.open(encoding="utf-8") as stream:
            file = mztab.MzTab(stream)
    except (ValueError, KeyError, IndexError, AttributeError) as error:
        message = f"{path} cannot be read as mzTab: {error}"
        raise KnowledgeError(message, location=Location(path)) from error
    if file.variant != "M":
        message = (
            f"{path} is mzTab {file.version}; isotopologues are read from mzTab-M (2.0), which has features "
            "with their isotopomers"
        )
        raise KnowledgeError(message, location=Location(path))
    return file


def _rows(table: Any) -> list[dict[str, Any]]:  # noqa: ANN401  (of pandas)
    found: list[dict[str, Any]] = table.reset_index(drop=True).to_dict("records")
    return found


def _lines(path: Path) -> dict[tuple[str, str], int]:
    """Section and id → line; the library does not say."""
    found = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        parts = line.split("\t")
        if parts[0] in {"SML", "SMF"}:
            found[parts[0], parts[1]] = number
    return found


def _references(cell: Any) -> list[str]:  # noqa: ANN401  (text, or a number where there is one)
    return [part.strip() for part in str(cell).split("|") if part.strip()]


def _isotopomer(feature: Mapping[str, Any], at: Location) -> int:
    """Heavy atoms of a feature; null is the one without."""
    cell = feature.get("isotopomer")
    if cell is None or (isinstance(cell, float) and math.isnan(cell)) or str(cell) == "null":
        return 0
    # The library gives name and value of a parameter; a bare text stays one.
    value = cell[-1] if isinstance(cell, tuple) else str(cell).rstrip("]").rpartition(",")[2]
    found = _ISOTOPOMER.fullmatch(str(value).strip().strip('"'))
    if found is None:
        message = f"isotopomer is {str(cell)!r}; its value must be a number of heavy atoms, +1"
        raise KnowledgeError(message, location=at)
    return int(found[1])


def _carbons(formula: str, least: int) -> int:
    found = _CARBONS.search(formula)
    return least if found is None else int(found[1] or 1)


def _arms(file: Any, areas: Mapping[int, Mapping[str, Any]]) -> dict[str, list[str]]:  # noqa: ANN401
    """Arm → columns of its assays; one arm without a name where the file has no study variables."""
    columns = [c for c in next(iter(areas.values()), {}) if _ABUNDANCE.fullmatch(str(c))]
    found: dict[str, list[str]] = {}
    for variable in dict(file.study_variables).values():
        refs = re.findall(r"assay\[(\d+)\]", str(dict(variable).get("assay_refs", "")))
        own = [f"abundance_assay[{n}]" for n in refs if f"abundance_assay[{n}]" in columns]
        if own:
            found[str(dict(variable).get("name", ""))] = own
    return found or {"": columns}


def _area(cell: Any) -> float:  # noqa: ANN401  (text, number or nothing)
    if cell is None or str(cell) in {"null", "nan", ""}:
        return 0.0
    return float(cell)
