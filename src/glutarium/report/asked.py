"""What was asked, in words: the setup and the arms of a study file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

__all__ = ["Asked", "in_words", "read_study"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A study as the page shows it.

    Attributes
    ----------
    setup
        Conditions that all arms share: key → words.
    arms
        Arm → what is special about it, in words.
    text
        The study file as it was read; may be empty.
    """

    setup: dict[str, str]
    arms: dict[str, str]
    text: str


def read_study(text: str) -> Asked:
    """Read setup and arms from a study's YAML; a text that does not parse is shown as it is."""
    try:
        study = yaml.safe_load(text)
    except yaml.YAMLError:
        study = None
    if not isinstance(study, Mapping):
        return Asked({}, {}, text)
    return Asked(_words(study.get("setup")), _words(study.get("arms")), text)


def _words(part: object) -> dict[str, str]:
    if not isinstance(part, Mapping):
        return {}
    return {str(key): in_words(value) for key, value in part.items()}


def in_words(value: object) -> str:
    """A value of a study in one line: ``{drug: {CB-839: 1}}`` → ``drug CB-839 1``.

    Mappings become ``key value`` pairs with commas between, inner ones in brackets where they hold
    more than one key.
    """
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_inner(inner)}".strip() for key, inner in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_inner(item) for item in value)
    return "" if value is None else str(value)


def _inner(value: object) -> str:
    words = in_words(value)
    return f"({words})" if isinstance(value, Mapping) and len(value) > 1 else words
