"""Reads a table into records; says for each bad row what is wrong, where, and what was allowed.

Tables are UTF-8 text: one header line, cells parted by tabs, nothing quoted, lists inside a cell
parted by ``;``.
"""

from __future__ import annotations

import math
from dataclasses import fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any, get_type_hints

from glutarium.errors import KnowledgeError, Location
from glutarium.knowledge.evidence import BASES, CONFIDENCES, AnyRecord, Grounded, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

__all__ = ["columns", "parse_table", "parse_tables", "read_table"]


def read_table(path: Path, record_type: type[AnyRecord]) -> tuple[AnyRecord, ...]:
    """Read a table and stop at the first bad row.

    Parameters
    ----------
    path
        The file.
    record_type
        Class of the records; its fields are the columns.

    Returns
    -------
    tuple
        Records in the order of the file.

    Raises
    ------
    KnowledgeError
        The file is missing, its columns are wrong or a row is malformed; names file and line.
    """
    records, errors = parse_table(path, record_type)
    if errors:
        raise errors[0]
    return records


def parse_table(
    path: Path, record_type: type[AnyRecord]
) -> tuple[tuple[AnyRecord, ...], tuple[KnowledgeError, ...]]:
    """Read a table and gather the errors of its rows instead of raising them.

    Returns
    -------
    records
        The good rows.
    errors
        One per bad row.

    Raises
    ------
    KnowledgeError
        The file is missing or its columns are wrong.
    """
    lines = _lines(path)
    kinds = columns(record_type)
    header = lines[0].rstrip("\r").split("\t") if lines else []
    _require_columns(path, header, tuple(kinds))
    layout = {name: kinds[name] for name in header}
    whole = _at_once(lines[1:], layout, record_type, path)
    if whole is not None:
        return whole, ()
    records: list[AnyRecord] = []
    errors: list[KnowledgeError] = []
    for number, line in enumerate(lines[1:], start=2):
        try:
            records.append(_record(line, layout, record_type, Location(path, number)))
        except KnowledgeError as error:
            errors.append(error)
    return tuple(records), tuple(errors)


def parse_tables(
    paths: Iterable[Path], record_type: type[AnyRecord]
) -> tuple[tuple[AnyRecord, ...], tuple[KnowledgeError, ...]]:
    """Read the files of a table one after the other and gather all that is wrong with them.

    Returns
    -------
    records
        The good rows of all files.
    errors
        One per bad row, and one per file that is missing or has wrong columns.
    """
    records: list[AnyRecord] = []
    errors: list[KnowledgeError] = []
    for path in paths:
        try:
            good, bad = parse_table(path, record_type)
        except KnowledgeError as error:
            good, bad = (), (error,)
        records += good
        errors += bad
    return tuple(records), tuple(errors)


def columns(record_type: type[Record]) -> Mapping[str, Any]:
    """Return column → type of a record class, in the order of its table.

    A class's own columns come before those that it inherits: what it is about, how much, and why.
    """
    if record_type not in _COLUMNS:  # a hundred files, a dozen classes
        _COLUMNS[record_type] = _columns(record_type)
    return _COLUMNS[record_type]


def _columns(record_type: type[Record]) -> Mapping[str, Any]:
    hints = get_type_hints(record_type)
    known = {f.name for f in fields(record_type)} - {"location"}
    ordered = (name for cls in record_type.__mro__ for name in vars(cls).get("__annotations__", ()))
    return {name: hints[name] for name in ordered if name in known}


_COLUMNS: dict[type[Record], Mapping[str, Any]] = {}


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        message = f"Table {path.name!r} is missing: it must stand in {path.parent}"
        raise KnowledgeError(message) from None
    except UnicodeDecodeError as error:
        message = f"Table {path.name!r} is not UTF-8 text (byte {error.start}): save it as UTF-8"
        raise KnowledgeError(message, location=Location(path)) from None
    return text.removesuffix("\n").split("\n") if text else []


def _require_columns(path: Path, header: Sequence[str], wanted: Sequence[str]) -> None:
    unknown = [name for name in header if name not in wanted]
    missing = [name for name in wanted if name not in header]
    repeated = [name for name in wanted if header.count(name) > 1]
    for problem, names in (("unknown", unknown), ("missing", missing), ("repeated", repeated)):
        if names:
            message = (
                f"{path.name}: {problem} column {', '.join(map(repr, names))}; "
                f"the columns are {', '.join(wanted)}"
            )
            raise KnowledgeError(message, location=Location(path, 1))


def _at_once(
    lines: Sequence[str], layout: Mapping[str, Any], record_type: type[AnyRecord], path: Path
) -> tuple[AnyRecord, ...] | None:
    """All rows, read column by column; None where any is bad: rows one by one tell which and why.

    A table has thousands of rows, and a good one takes a fifth of the time in this way.
    """
    cells = [line.rstrip("\r").split("\t") for line in lines]
    if not cells or any(len(row) != len(layout) for row in cells):
        return None
    columns = dict(zip(layout, (map(str.strip, c) for c in zip(*cells, strict=True)), strict=True))
    try:
        values = {name: _READERS[layout[name]](texts) for name, texts in columns.items()}
    except ValueError:
        return None
    if not _texts_are_there(values, record_type) or not _evidence_is_good(values, record_type):
        return None
    rows = zip(*values.values(), strict=True)
    return tuple(
        record_type(location=Location(path, number), **dict(zip(values, row, strict=True)))
        for number, row in enumerate(rows, start=2)
    )


def _texts_are_there(values: Mapping[str, Sequence[Any]], record_type: type[AnyRecord]) -> bool:
    needed = (*_needed(record_type), *record_type.REQUIRED)
    return all(all(values[column]) for column in needed)


def _evidence_is_good(values: Mapping[str, Sequence[Any]], record_type: type[AnyRecord]) -> bool:
    if not issubclass(record_type, Grounded):
        return True
    if not {*values["basis"]} <= {*BASES} or not {*values["confidence"]} <= {*CONFIDENCES}:
        return False
    spans = zip(*(values[column] for column in record_type.AMOUNT), strict=True)
    return all(_rises([x for x in span if x is not None]) for span in spans)


def _rises(numbers: Sequence[float]) -> bool:
    return all(a <= b for a, b in pairwise(numbers))


def _record(
    line: str, layout: Mapping[str, Any], record_type: type[AnyRecord], location: Location
) -> AnyRecord:
    cells = line.rstrip("\r").split("\t")
    if len(cells) != len(layout):
        message = f"{len(cells)} cells instead of {len(layout)}: part cells by single tabs"
        raise KnowledgeError(message, location=location)
    row = dict(zip(layout, map(str.strip, cells), strict=True))
    label = " ".join([row[column] for column in record_type.KEY])
    values: dict[str, Any] = {}
    for column, kind in layout.items():
        try:
            (values[column],) = _READERS[kind]([row[column]])
        except ValueError:
            message = f"{column!r} of {label!r} is {row[column]!r}: must be a finite number"
            raise KnowledgeError(message, location=location) from None
    record = record_type(location=location, **values)
    _require_texts(record)
    if isinstance(record, Grounded):
        _require_evidence(record)
    return record


def _number(cell: str) -> float:
    value = float(cell)
    if not math.isfinite(value) or "_" in cell:
        raise ValueError(cell)
    return value


def _lists(cells: Iterable[str]) -> list[tuple[str, ...]]:
    """Lists of the cells of a column; the same few stand in it again and again."""
    known: dict[str, tuple[str, ...]] = {}
    return [known[cell] if cell in known else known.setdefault(cell, _list(cell)) for cell in cells]


def _list(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


_READERS: Mapping[Any, Callable[[Iterable[str]], Sequence[object]]] = {
    str: list,
    float: lambda cells: [_number(cell) for cell in cells],
    float | None: lambda cells: [_number(cell) if cell else None for cell in cells],
    tuple[str, ...]: _lists,
}
"""Type of a column → reads its cells."""


def _needed(record_type: type[AnyRecord]) -> list[str]:
    # Alternatives and contexts are the exception, so an empty one is part of a key and fine.
    return [column for column in record_type.KEY if column not in {"alternative", "context"}]


def _require_texts(record: Record) -> None:
    for column in (*_needed(type(record)), *record.REQUIRED):
        if not getattr(record, column):
            message = f"{column!r} of {record.label!r} is empty: every row needs one"
            raise KnowledgeError(message, location=record.location)


def _require_evidence(record: Grounded) -> None:
    for column, allowed in (("basis", BASES), ("confidence", CONFIDENCES)):
        if getattr(record, column) not in allowed:
            message = (
                f"{column!r} of {record.label!r} is {getattr(record, column)!r}: "
                f"must be one of {', '.join(filter(None, allowed))}"
            )
            raise KnowledgeError(message, location=record.location)
    low, value, high = record.span
    numbers = [x for x in (low, value, high) if x is not None]
    if numbers != sorted(numbers):
        message = (
            f"Range of {record.label!r} is low {low}, value {value}, high {high}: "
            "must be low <= value <= high"
        )
        raise KnowledgeError(message, location=record.location)
