"""Signalling proteins that a study puts into the medium: they fill the receptors that read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.units import convert

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.knowledge.records import Messenger
    from glutarium.study.conditions import Conditions

__all__ = ["filled_inputs", "signal_of"]


def signal_of(name: str, base: KnowledgeBase) -> Messenger | None:
    """The messenger of this name that receptors read; None for a solute or what nothing reads."""
    messenger = base.messengers.get(name)
    return messenger if messenger is not None and messenger.input and messenger.half else None


def filled_inputs(
    conditions: Conditions, base: KnowledgeBase, others: Mapping[str, float]
) -> dict[str, float]:
    """Parameters of the inputs that proteins of the medium and of supplements fill.

    Parameters
    ----------
    conditions
        Of the study; amounts in mM.
    base
        The knowledge base.
    others
        Inputs that stimuli set already, 0 to 1.

    Returns
    -------
    dict
        ``signal.<input>`` → 0 to 1.
    """
    given = [*(conditions.medium.values if conditions.medium else {}).items()]
    given += (conditions.supplement or {}).items()
    filled: dict[str, float] = {}
    for name, amount in given:
        messenger = signal_of(name, base)
        if messenger is None or not messenger.half:
            continue
        key = f"signal.{messenger.input}"
        ratio = convert(amount, "mM", "nM") / messenger.half
        before = filled.get(key, others.get(key, 0.0))
        filled[key] = before + (1.0 - before) * ratio / (1.0 + ratio)
    return filled
