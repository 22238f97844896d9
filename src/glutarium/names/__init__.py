"""Typed references: the vocabulary with its matcher, observables and gene targets.

Knows no names of its own; ``glutarium.knowledge`` builds the :class:`Vocabulary` from its tables
and hands it over. Everything a user writes goes through :meth:`Vocabulary.resolve`,
:meth:`Observable.parse` or :meth:`Target.parse` once, at the door; behind it names are canonical.
"""

from __future__ import annotations

from glutarium.names.families import Family, families
from glutarium.names.observable import Observable
from glutarium.names.target import Target
from glutarium.names.vocabulary import CONDITION_KINDS, Match, Name, Vocabulary

__all__ = [
    "CONDITION_KINDS",
    "Family",
    "Match",
    "Name",
    "Observable",
    "Target",
    "Vocabulary",
    "families",
]
