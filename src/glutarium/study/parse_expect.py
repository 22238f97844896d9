"""Expectations and read-outs of a study file."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from glutarium.errors import StudyError
from glutarium.names import Observable
from glutarium.study.fields import (
    as_flag,
    as_list,
    as_mapping,
    as_quantity,
    as_text,
    as_time,
    one_of,
)
from glutarium.study.study import VERBS, Expectation, Readout, Sides, Verb

if TYPE_CHECKING:
    from collections.abc import Collection

    from glutarium.names import Vocabulary
    from glutarium.study.yaml_lines import Node

__all__ = ["parse_expectation", "parse_readout"]

_KEYS = (
    "observable",
    "arm",
    "versus",
    "is",
    "factor",
    "claim",
    "hard",
    "versus_observable",
    "baseline",
    "insult",
    "a",
    "b",
    "at",
)
_ALWAYS = ("observable", "arm", "is")
# What each verb needs beside an observable and an arm.
_NEEDS: dict[Verb, tuple[str, ...]] = {
    "up": ("versus",),
    "down": ("versus",),
    "unchanged": ("versus",),
    "rescued": ("baseline", "insult"),
    "not_rescued": ("baseline", "insult"),
    "synergy": ("a", "b", "versus"),
    "value": ("factor",),
}
_COMPARING = ("up", "down", "unchanged")
_PAIR = 2


def parse_expectation(node: Node, arms: Collection[str], vocabulary: Vocabulary) -> Expectation:
    """Read one item of ``expect``.

    Parameters
    ----------
    node
        Its mapping.
    arms
        Names of the study's arms.
    vocabulary
        All names.

    Raises
    ------
    GlutariumError
        An unknown key, arm, verb or observable, or something that the verb needs is missing.
    """
    items = as_mapping(node, "an expectation", _KEYS)
    _require(items, _ALWAYS, node, "an expectation")
    verb = cast("Verb", one_of(items["is"], "is", VERBS))
    _require(items, _NEEDS[verb], node, f"an expectation with 'is: {verb}'")
    reader = _Reader(items, arms, vocabulary)
    expectation = Expectation(
        observable=reader.observable("observable"),
        verb=verb,
        arm=reader.sides("arm"),
        versus=reader.sides("versus") if "versus" in items else (),
        versus_observable=(
            reader.observable("versus_observable") if "versus_observable" in items else None
        ),
        baseline=reader.arm("baseline"),
        insult=reader.arm("insult"),
        a=reader.arm("a"),
        b=reader.arm("b"),
        factor=_factor(items["factor"]) if "factor" in items else None,
        claim=as_text(items["claim"], "claim") if "claim" in items else None,
        hard=as_flag(items["hard"], "hard") if "hard" in items else False,
        at_h=as_time(items["at"], "at") if "at" in items else None,
        location=node.location,
    )
    _check_pairs(expectation, node)
    return expectation


def parse_readout(node: Node, vocabulary: Vocabulary) -> Readout:
    """Read one item of ``readouts``: a name, or ``{observable: name, at: 24 h}``.

    Raises
    ------
    GlutariumError
        The observable is unknown, or the time is none.
    """
    if not isinstance(node.value, dict):
        text = as_text(node, "readouts")
        return Readout(Observable.parse(text, vocabulary, location=node.location))
    items = as_mapping(node, "a read-out", ("observable", "at"))
    _require(items, ("observable",), node, "a read-out")
    name = as_text(items["observable"], "observable")
    at = as_time(items["at"], "at") if "at" in items else None
    return Readout(Observable.parse(name, vocabulary, location=items["observable"].location), at)


class _Reader:
    """Reads the items of one expectation that refer to arms and observables."""

    def __init__(
        self, items: dict[str, Node], arms: Collection[str], vocabulary: Vocabulary
    ) -> None:
        self._items = items
        self._arms = arms
        self._vocabulary = vocabulary

    def observable(self, key: str) -> Observable:
        node = self._items[key]
        return Observable.parse(as_text(node, key), self._vocabulary, location=node.location)

    def arm(self, key: str) -> str | None:
        if key not in self._items:
            return None
        return self._known(self._items[key], key)

    def sides(self, key: str) -> Sides:
        nodes = as_list(self._items[key], key)
        if len(nodes) not in (1, _PAIR):
            message = f"{key} must be one arm or a pair [x, y], not {len(nodes)} arms"
            raise StudyError(message, location=self._items[key].location)
        return tuple(self._known(node, key) for node in nodes)

    def _known(self, node: Node, key: str) -> str:
        return one_of(node, f"the arm under {key!r}", self._arms)


def _require(items: dict[str, Node], keys: Collection[str], node: Node, what: str) -> None:
    missing = [key for key in keys if key not in items]
    if missing:
        message = f"{what} needs {', '.join(map(repr, keys))}; {missing[0]!r} is missing"
        raise StudyError(message[0].upper() + message[1:], location=node.location)


def _check_pairs(expectation: Expectation, node: Node) -> None:
    n_arm, n_versus = len(expectation.arm), len(expectation.versus)
    if expectation.verb in _COMPARING and n_arm == n_versus:
        return
    if expectation.verb not in _COMPARING and max(n_arm, n_versus) == 1:
        return
    message = (
        "A pair [x, y] of arms is compared with another pair, under is: up, down or unchanged; "
        f"here 'arm' has {n_arm} and 'versus' {n_versus} under is: {expectation.verb}"
    )
    raise StudyError(message, location=node.location)


def _factor(node: Node) -> tuple[float | None, float | None]:
    items = node.value
    if not isinstance(items, list) or len(items) != _PAIR:
        message = "factor must be [low, high]; null leaves an end open"
        raise StudyError(message, location=node.location)
    low, high = (
        None if n.value is None else as_quantity(n, "factor", "fold", "any") for n in items
    )
    if low is None and high is None:
        message = "factor [null, null] bounds nothing: give at least one number"
        raise StudyError(message, location=node.location)
    if low is not None and high is not None and low > high:
        message = f"factor: {low:g} is above {high:g}; write [low, high]"
        raise StudyError(message, location=node.location)
    return low, high
