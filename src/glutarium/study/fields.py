"""Read nodes of a study file as what they must be, or say what is wrong and what is allowed."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from glutarium.errors import StudyError, UnitError
from glutarium.units import parse_quantity, parse_time

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from glutarium.names import Name, Vocabulary
    from glutarium.study.yaml_lines import Node
    from glutarium.units import Sign

__all__ = [
    "as_flag",
    "as_list",
    "as_mapping",
    "as_quantity",
    "as_share",
    "as_text",
    "as_texts",
    "as_time",
    "named_items",
    "one_of",
]


def as_mapping(node: Node, what: str, allowed: Collection[str] | None = None) -> dict[str, Node]:
    """Return a mapping's nodes by key; keys whose value is empty are left out.

    Parameters
    ----------
    node
        A mapping, or nothing for an empty one.
    what
        What it is, for messages.
    allowed
        Keys that it may have; any where None.

    Raises
    ------
    StudyError
        It is something else, or has a key that is not allowed (names the closest).
    """
    if node.value is None:
        return {}
    if not isinstance(node.value, dict):
        raise _wrong(node, what, "a mapping (key: value)")
    for key in node.value:
        if allowed is not None and key not in allowed:
            message = f"Unknown key {key!r} in {what}{_did_you_mean(key, allowed)}"
            raise StudyError(message, location=node.where(key))
    return {key: value for key, value in node.value.items() if value.value is not None}


def as_list(node: Node, what: str) -> list[Node]:
    """Return the nodes of a list; a single value is a list of one.

    Raises
    ------
    StudyError
        It is a mapping.
    """
    if isinstance(node.value, list):
        return node.value
    if isinstance(node.value, dict):
        raise _wrong(node, what, "a list")
    return [] if node.value is None else [node]


def as_text(node: Node, what: str) -> str:
    """Return a text.

    Raises
    ------
    StudyError
        It is a list, a mapping or empty.
    """
    if not isinstance(node.value, str) or not node.value.strip():
        raise _wrong(node, what, "a text")
    return node.value.strip()


def as_texts(node: Node, what: str) -> tuple[str, ...]:
    """Return a list of texts; a single text is a list of one."""
    return tuple(as_text(item, what) for item in as_list(node, what))


def as_flag(node: Node, what: str) -> bool:
    """Return true or false.

    Raises
    ------
    StudyError
        It is neither.
    """
    text = as_text(node, what).lower()
    if text not in {"true", "false", "yes", "no"}:
        raise _wrong(node, what, "true or false")
    return text in {"true", "yes"}


def as_quantity(node: Node, what: str, dimension: str, sign: Sign = "non-negative") -> float:
    """Return a number in the canonical unit of a dimension.

    Raises
    ------
    UnitError
        Not a number, the wrong unit or a sign that is not allowed; names the quantity.
    """
    text = as_text(node, what)
    try:
        return parse_quantity(text, dimension, sign=sign)
    except UnitError as error:
        message = f"{what}: {error.message}"
        raise UnitError(message, location=node.location) from error


def as_share(node: Node, what: str, meaning: str = "a share") -> float:
    """Return a number between 0 and 1.

    Raises
    ------
    UnitError
        It is not a number, or outside 0-1.
    """
    value = as_quantity(node, what, "fraction", "any")
    if not 0 <= value <= 1:
        message = f"{what}: {value:g} is not between 0 and 1 ({meaning}; 21 % is 0.21)"
        raise UnitError(message, location=node.location)
    return value


def as_time(node: Node, what: str, sign: Sign = "non-negative") -> float:
    """Return a time in h.

    Raises
    ------
    UnitError
        No number, no unit of time, or a sign that is not allowed.
    """
    text = as_text(node, what)
    try:
        return parse_time(text, sign=sign)
    except UnitError as error:
        message = f"{what}: {error.message}"
        raise UnitError(message, location=node.location) from error


def one_of(node: Node, what: str, allowed: Collection[str]) -> str:
    """Return a text that must be one of a few.

    Raises
    ------
    StudyError
        It is another; names the closest and all that are allowed.
    """
    text = as_text(node, what)
    if text not in allowed:
        message = f"{what} is {text!r}{_did_you_mean(text, allowed)}"
        raise StudyError(message, location=node.location)
    return text


def named_items(
    node: Node,
    what: str,
    kinds: Collection[str],
    vocabulary: Vocabulary,
    *,
    skip: Collection[str] = (),
) -> Iterator[tuple[Name, Node]]:
    """Yield the entries of a mapping by canonical name, except the keys in `skip`.

    Raises
    ------
    StudyError
        One thing is named twice under two spellings.
    UnknownNameError
        A name is not in the vocabulary.
    """
    seen: dict[str, str] = {}
    for key, value in as_mapping(node, what).items():
        if key in skip:
            continue
        entry = vocabulary.entry(key, tuple(kinds), location=node.where(key), label=what)
        if entry.name in seen:
            message = f"{what}: {seen[entry.name]!r} and {key!r} are both {entry.name!r}; keep one"
            raise StudyError(message, location=node.where(key))
        seen[entry.name] = key
        yield entry, value


def _wrong(node: Node, what: str, wanted: str) -> StudyError:
    shown = f" ({node.value!r})" if isinstance(node.value, str) else ""
    return StudyError(f"{what} must be {wanted}, not {node.kind}{shown}", location=node.location)


def _did_you_mean(text: str, allowed: Collection[str]) -> str:
    near = difflib.get_close_matches(text, list(allowed), 1)
    guess = f"; did you mean {near[0]!r}?" if near else "."
    return f"{guess} Allowed: {', '.join(allowed)}"
