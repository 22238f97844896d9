"""Whether an expectation asks for nothing but one edge.

It does where what is done acts on the edge's regulator and what is read is the edge's target: the table
then states what the study asks, and no mechanism is at work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glutarium.model.regulators import Edge
    from glutarium.study.conditions import Conditions
    from glutarium.study.study import Expectation, Study

__all__ = ["is_restated"]


def is_restated(study: Study, expectation: Expectation, edge: Edge) -> bool:
    """Whether an arm of the expectation touches the edge's regulator and its target is read."""
    if edge.target not in {expectation.observable.item, expectation.observable.family}:
        return False
    arms = {*expectation.arm, *expectation.versus}
    touched = {name for arm in arms for name in _touched(study.arms[arm].conditions)}
    return edge.regulator in touched


def _touched(conditions: Conditions) -> Iterator[str]:
    """Genes, alterations, stimuli and drugs that an arm names itself."""
    for target in conditions.gene or {}:
        yield target.item
    yield from conditions.genotype or ()
    yield from conditions.stimulus or ()
    yield from conditions.drug or ()
