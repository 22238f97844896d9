"""Totals of a check, always three ways: all, hard, and where the model-free rule is right.

Only the hard ones show a model at work. The column of the rule counts, among the expectations of a
row, those that need no model: its sum is what the rule scores, and beside ``holds`` and ``fails``
it says how the two compare on what the model can simulate.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.study.verdict import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from glutarium.study.check_json import Record
    from glutarium.study.verdict import Outcome

__all__ = ["Count", "Totals", "count", "count_by", "once_per_dispute", "render", "render_outcomes"]


@dataclass(frozen=True, slots=True)
class Count:
    """How many expectations: all, the hard ones, those on which the rule is right."""

    all: int = 0
    hard: int = 0
    rule: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.all + other.all, self.hard + other.hard, self.rule + other.rule)


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts by outcome; every outcome is there.

    Attributes
    ----------
    by_outcome
        ``holds``, ``fails``, ``not supported``, ``no verdict`` → counts.
    """

    by_outcome: Mapping[Outcome, Count]

    @property
    def sum(self) -> Count:
        """All outcomes together; its ``rule`` is the score of the model-free rule."""
        return sum(self.by_outcome.values(), Count())

    @property
    def judged(self) -> Count:
        """What the model could simulate: ``holds`` and ``fails``."""
        return self.by_outcome["holds"] + self.by_outcome["fails"]


def count(records: Iterable[Record]) -> Totals:
    """Count records by outcome; a disputed pair counts once (see :func:`once_per_dispute`)."""
    return _plain(once_per_dispute(list(records)))


def count_by(records: Sequence[Record], key: Callable[[Record], str]) -> dict[str, Totals]:
    """Count records by outcome within groups, such as ``lambda record: record.layer``.

    A dispute between groups is settled before they are parted: the groups add up to :func:`count`.
    """
    groups: defaultdict[str, list[Record]] = defaultdict(list)
    for record in once_per_dispute(records):
        groups[key(record)].append(record)
    return {name: _plain(group) for name, group in sorted(groups.items())}


def once_per_dispute(records: Sequence[Record]) -> list[Record]:
    """Leave out one side of every disputed pair of studies.

    Two claims that answer one design in opposite ways cannot both hold in one model. Of a pair
    whose studies are both there, the side of which the larger share holds is kept; between equals,
    the side that is judged at all, then the first.
    """
    by_study: defaultdict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        by_study[_key(record)].append(record)
    dropped: set[tuple[str, str]] = set()
    for pair in _pairs(by_study):
        if dropped.isdisjoint(pair):
            dropped.add(min(reversed(pair), key=lambda side: _standing(by_study[side])))
    return [record for record in records if _key(record) not in dropped]


def render_outcomes(totals: Totals) -> str:
    """Return a table for a terminal: a line per outcome, with all, hard and the rule side by side.

    The rule's column counts the expectations of the line on which the rule is right; its sum is
    what the rule scores.
    """
    lines = [*totals.by_outcome.items(), ("sum", totals.sum)]
    body = [(name, str(c.all), str(c.hard), str(c.rule)) for name, c in lines]
    return _table([("verdict", "all", "hard", "rule right"), *body])


def render(groups: Mapping[str, Totals], title: str = "") -> str:
    """Return a table for a terminal: a line per group and a line for their sum.

    ``holds`` and ``hard`` are given of those judged; the first ``rule`` is the rule's score on the
    same judged ones, the second its score on all; the rest is what could not be judged.
    """
    total = Totals({o: sum((t.by_outcome[o] for t in groups.values()), Count()) for o in OUTCOMES})
    head = (title, "holds", "hard", "rule", "expectations", "rule", "not supported", "no verdict")
    return _table([head, *(_row(name, t) for name, t in {**groups, "all": total}.items())])


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _row(name: str, totals: Totals) -> tuple[str, ...]:
    holds, judged, everything = totals.by_outcome["holds"], totals.judged, totals.sum
    return (
        name,
        f"{holds.all}/{judged.all}",
        f"{holds.hard}/{judged.hard}",
        f"{judged.rule}/{judged.all}",
        str(everything.all),
        str(everything.rule),
        str(totals.by_outcome["not supported"].all),
        str(totals.by_outcome["no verdict"].all),
    )


def _plain(records: Iterable[Record]) -> Totals:
    by_outcome = dict.fromkeys(OUTCOMES, Count())
    for record in records:
        by_outcome[record.outcome] += Count(1, int(record.hard), int(record.rule))
    return Totals(by_outcome)


def _key(record: Record) -> tuple[str, str]:
    """Return what identifies a study: an id is unique within its file only."""
    return record.layer, record.study


def _pairs(
    by_study: Mapping[tuple[str, str], Sequence[Record]],
) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Yield the pairs of studies of which one disputes an id or a claim of the other, each once."""
    owner: dict[str, tuple[str, str]] = {}
    for key, records in by_study.items():
        for name in (key[1], *records[0].claims):
            owner.setdefault(name, key)
    seen: set[frozenset[tuple[str, str]]] = set()
    for key, records in by_study.items():
        for name in records[0].disputed_with:
            other = owner.get(name, key)
            pair = frozenset((key, other))
            if other != key and pair not in seen:
                seen.add(pair)
                yield key, other


def _standing(records: Sequence[Record]) -> tuple[float, float]:
    """Return how well a side does: share that holds, share that is judged."""
    holds = sum(record.outcome == "holds" for record in records)
    judged = sum(record.outcome in ("holds", "fails") for record in records)
    return holds / len(records), judged / len(records)
