"""Verdict records as the page and its table show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass

from glutarium.report.words import number

__all__ = ["COLUMNS", "VERDICTS", "as_records", "tally", "verdict_rows"]

COLUMNS = (
    "study",
    "claims",
    "system",
    "observable",
    "arm",
    "versus",
    "is",
    "hard",
    "fold",
    "agreement",
    "verdict",
    "reason",
)
VERDICTS = ("holds", "fails", "not supported", "no verdict")


def as_records(verdicts: Sequence[object]) -> list[dict[str, object]]:
    """Turn verdicts, mappings or dataclasses, into dictionaries with the columns of a verdict.

    A field whose name is a Python keyword may end with an underscore (``is_``).

    Raises
    ------
    TypeError
        A verdict is neither a mapping nor a dataclass.
    """
    records = []
    for verdict in verdicts:
        fields = _fields(verdict)
        records.append({c: fields.get(c, fields.get(f"{c}_", "")) for c in COLUMNS})
    return records


def _fields(verdict: object) -> Mapping[str, object]:
    if isinstance(verdict, Mapping):
        return {str(k): v for k, v in verdict.items()}
    if is_dataclass(verdict) and not isinstance(verdict, type):
        return asdict(verdict)
    message = (
        f"A verdict must be a mapping or a dataclass, not {type(verdict).__name__}: {verdict!r}"
    )
    raise TypeError(message)


def verdict_rows(records: Sequence[Mapping[str, object]]) -> list[dict[str, str]]:
    """Records as words, one dictionary per row of the page's table."""
    return [{column: _words(column, record[column]) for column in COLUMNS} for record in records]


def _words(column: str, value: object) -> str:
    if column == "hard":
        return "hard" if value is True else ""
    if isinstance(value, (int, float)) and column == "agreement":
        return f"{value * 100:.0f} %"
    if isinstance(value, float):
        return number(value, 2)
    if isinstance(value, (list, tuple)):
        return (" / " if column in ("arm", "versus") else ", ").join(str(v) for v in value)
    return "" if value is None else str(value)


def tally(records: Sequence[Mapping[str, object]]) -> list[tuple[str, int, int]]:
    """Verdict, how many expectations received it, and how many of these are hard."""
    every = Counter(str(r["verdict"]) for r in records)
    hard = Counter(str(r["verdict"]) for r in records if r["hard"] is True)
    order = [*VERDICTS, *sorted(set(every) - set(VERDICTS))]
    return [(name, every[name], hard[name]) for name in order if every[name]]
