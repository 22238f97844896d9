"""Modes in which drugs act, the constants that each needs, and what it may act on."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from glutarium.knowledge.records import DrugTarget

__all__ = ["EXPRESSION_MODES", "MODES", "drug_problems", "incomplete_drugs"]

MODES: Mapping[str, tuple[str, ...]] = {
    "reversible": ("ki",),
    "slow_reversible": ("ki", "koff"),
    "covalent": ("KI", "kinact"),
    "competitive": ("ki",),
    "silences": ("ki",),
    "interferes": ("ki",),
    "degrades": ("ki",),
    "activates": ("ec50", "max"),
    "induces": ("ec50", "max"),
    "hydrolysis": ("kcat", "km"),
    "source": ("ratio",),
    "activation": ("free",),
}
"""Mode → constants without which it has no rate law; see :mod:`glutarium.model.drugs`."""

EXPRESSION_MODES: Mapping[str, str] = {
    "silences": "transcription",
    "interferes": "mrna_stability",
    "degrades": "stability",
}
"""Modes that lower how much there is of a gene's product, and the process that each acts on."""

_HAVE = {"silences": ("gene",), "interferes": ("gene",), "degrades": ("gene", "protein")}


def drug_problems(row: DrugTarget, kinds: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with a drug's target, given the kinds of all nodes.

    A target that the tables do not hold is left out of the model, so nothing is wrong with it here.
    """
    if row.mode not in MODES:
        yield f"mode {row.mode!r} is none of {', '.join(MODES)}"
    kind = kinds.get(row.target)
    if kind is None:
        return
    if row.mode in _HAVE and kind not in _HAVE[row.mode]:
        wanted = " or ".join(_HAVE[row.mode])
        yield f"{row.mode} needs a {wanted} as target; {row.target} is of kind {kind}"
    if row.mode == "induces" and kind != "input":
        yield f"induces needs an input of regulation as target; {row.target} is of kind {kind}"


def incomplete_drugs(rows: Iterable[DrugTarget]) -> Iterator[tuple[DrugTarget, str]]:
    """Drugs on a target that lack a constant of their mode; each with its first row."""
    found: dict[tuple[str, ...], list[DrugTarget]] = defaultdict(list)
    for row in rows:
        found[row.drug, row.alternative, row.target, row.mode].append(row)
    for group in found.values():
        given = {row.parameter.partition(":")[0] for row in group}
        for name in MODES.get(group[0].mode, ()):
            if name not in given:
                yield group[0], f"{group[0].mode} needs {name!r}"
