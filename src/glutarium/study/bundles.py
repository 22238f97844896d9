"""Questions that are answered together: what several of them run is run once, side by side with the rest.

Most studies compare with the same few controls, so about half of all arms are run for another study already.
A *run* is a plan of a dish of its own, or all plans of one place. Two are the same if nothing but names
differs; what comes of a run depends on nothing else, so answers do not depend on how they are bundled.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from glutarium.study.execute import run_members

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from glutarium.simulate.cell import Lane
    from glutarium.simulate.plan import ArmPlan
    from glutarium.study.values import Question

__all__ = ["Bundle", "bundles"]

LARGEST = 24
"""Plans per member that are run together at most, where one question does not ask for more."""


@dataclass(frozen=True)
class Bundle:
    """Questions that are answered together.

    Attributes
    ----------
    positions
        Where the questions stand among all.
    questions
        The questions.
    plans
        What is run for every member, each once.
    places
        For every question, which of these each of its own plans is.
    """

    positions: tuple[int, ...]
    questions: tuple[Question, ...]
    plans: tuple[ArmPlan, ...]
    places: tuple[tuple[int, ...], ...]

    def run(self, members: Sequence[int], solver: str) -> list[list[list[Lane]]]:
        """For every question, and in it for every member, one lane per plan of the question."""
        found = run_members(self.plans, members, solver)
        return [
            [_named(lanes, question.plans, places) for lanes in found]
            for question, places in zip(self.questions, self.places, strict=True)
        ]


def bundles(questions: Sequence[Question]) -> list[Bundle]:
    """Bundle questions so that those that run the same stand together.

    Parameters
    ----------
    questions
        In any order; all of them run something.
    """
    runs = [_runs(question.plans) for question in questions]
    keys = [list(own) for own in runs]
    order = _neighbours(keys)
    found: list[Bundle] = []
    cuts = _cuts([keys[i] for i in order], [runs[i] for i in order])
    for first, end in pairwise(cuts):
        chosen = order[first:end]
        found.append(_bundle(chosen, [questions[i] for i in chosen], [runs[i] for i in chosen]))
    return found


_Runs = dict["Hashable", list[list[int]]]
"""Key of a run → positions of its plans among those of a question, once for each time it is asked for."""


def _runs(plans: Sequence[ArmPlan]) -> _Runs:
    """What is run for a question."""
    sites: dict[str, list[int]] = defaultdict(list)
    found: _Runs = defaultdict(list)
    for i, plan in enumerate(plans):
        if plan.place is None:
            found[plan.key].append([i])
        else:
            sites[plan.place.name].append(i)
    for group in sites.values():
        found[tuple(plans[i].key for i in group)].append(group)
    return found


def _neighbours(keys: Sequence[Sequence[Hashable]]) -> list[int]:
    """Order in which questions stand beside those with which they share the run that most have."""
    common = Counter(key for own in keys for key in own)
    first: dict[Hashable, int] = {}
    for i, own in enumerate(keys):
        for key in own:
            first.setdefault(key, i)
    most = [max(own, key=lambda key: (common[key], -first[key])) for own in keys]
    return sorted(range(len(keys)), key=lambda i: (first[most[i]], i))


def _cuts(keys: Sequence[Sequence[Hashable]], runs: Sequence[_Runs]) -> list[int]:
    """Where bundles begin, and the end."""
    cuts, held = [0], dict[object, int]()
    for i, own in enumerate(keys):
        new = {key: len(runs[i][key][0]) for key in own}
        if held and sum((held | new).values()) > LARGEST:
            cuts.append(i)
            held = {}
        held |= new
    return [*cuts, len(keys)] if keys else cuts


def _bundle(
    positions: Sequence[int], questions: Sequence[Question], runs: Sequence[_Runs]
) -> Bundle:
    plans: list[ArmPlan] = []
    start: dict[Hashable, int] = {}
    places: list[tuple[int, ...]] = []
    for question, own in zip(questions, runs, strict=True):
        at = [0] * len(question.plans)
        for key, groups in own.items():
            if key not in start:
                start[key] = len(plans)
                plans += _renamed([question.plans[i] for i in groups[0]], str(len(start)))
            for group in groups:
                for k, i in enumerate(group):
                    at[i] = start[key] + k
        places.append(tuple(at))
    return Bundle(tuple(positions), tuple(questions), tuple(plans), tuple(places))


def _renamed(plans: Sequence[ArmPlan], name: str) -> list[ArmPlan]:
    """Plans of one place under a name that no other place of the bundle has."""
    return [p if p.place is None else replace(p, place=replace(p.place, name=name)) for p in plans]


def _named(lanes: Sequence[Lane], plans: Sequence[ArmPlan], places: Sequence[int]) -> list[Lane]:
    """Lanes of a question under its own plans; what is derived from a run is shared by all who ask."""
    return [replace(lanes[k], plan=plan) for k, plan in zip(places, plans, strict=True)]
