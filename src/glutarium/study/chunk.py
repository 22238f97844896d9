"""A chunk: what some members of an ensemble have to say about a study, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.kernel import ResultCode
from glutarium.simulate.result import tabulate
from glutarium.study.accounts import account_of
from glutarium.study.clones import clone_account, clone_fates
from glutarium.study.execute import run_members, shared_model
from glutarium.study.fates import as_arrays, trace
from glutarium.study.values import read_members

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.readout import Reading
    from glutarium.study.values import MemberValues, Question

__all__ = ["Chunk", "ChunkWork", "blocks"]

# A large ensemble is cut into at least this many chunks, so that there is work for all and little to lose.
LEAST_CHUNKS = 16
# Runs per chunk at most: their courses are in memory together.
LARGEST = 256
# Runs per chunk at least, where there are so many: they fill the lanes of the processor.
SMALLEST = 64


def blocks(members: int, arms: int, size: int | None = None) -> list[range]:
    """Cut an ensemble into chunks of members.

    Parameters
    ----------
    members
        Size of the ensemble.
    arms
        Runs per member.
    size
        Members per chunk; by default it depends on the other two alone, never on the machine.
    """
    if size is None:
        size = max(-(-members // LEAST_CHUNKS), -(-SMALLEST // arms))
        size = max(1, min(size, LARGEST // arms))
    return [range(start, min(start + size, members)) for start in range(0, members, size)]


@dataclass(frozen=True, eq=False)
class Chunk:
    """What came out for a block of members.

    Attributes
    ----------
    values
        Shape ``(n_arms, n_members, n_times, n_observables)``.
    codes, details
        For every arm, how the run of each member ended: one word, one line.
    shares, uptake
        What became of the glutamine of every cell; see :func:`glutarium.study.fates.as_arrays`.
    account
        Who took what; see :func:`glutarium.study.accounts.account_of`.
    clone_account, clone_shares, clone_uptake
        The same of the clones of cells; see :mod:`glutarium.study.clones`.
    answers
        What the expectations need, one per member.
    """

    values: Array
    codes: list[list[str]]
    details: list[list[str]]
    shares: Array
    uptake: Array
    account: Array
    clone_account: Array
    clone_shares: Array
    clone_uptake: Array
    answers: list[MemberValues]


@dataclass(frozen=True, slots=True)
class ChunkWork:
    """The work on one study; called with a block of members.

    Attributes
    ----------
    question
        The study, ready to run.
    readings
        What is read from every run.
    solver
        Who integrates.
    """

    question: Question
    readings: Mapping[str, Reading]
    solver: str = "lanes"

    def __call__(self, members: range) -> Chunk:
        """Run some members; a pure function, here or on another machine."""
        model, question = shared_model(self.solver), self.question
        found = run_members(question.plans, members, self.solver)
        answers = read_members(question, model, found)  # first: labels of all are found together
        position = {plan.name: i for i, plan in enumerate(question.plans)}
        lanes: dict[str, dict[str, list[Lane]]] = {arm: {} for arm in question.study.arms}
        for (arm, cell), name in question.dishes.items():
            lanes[arm][cell] = [lanes_of[position[name]] for lanes_of in found]
        cells = question.cells
        fates = [[trace(dishes.get(cell, ())) for cell in cells] for dishes in lanes.values()]
        n_times = len(question.plans[0].times)
        worst = {arm: _worst(dishes) for arm, dishes in lanes.items()}
        return Chunk(
            tabulate(model, lanes, self.readings, n_times),
            _texts(worst, lambda lane: lane.code.name),
            _texts(worst, lambda lane: lane.detail),
            *as_arrays(fates, len(members)),
            account_of(model, lanes, cells, n_times),
            clone_account(model, lanes, question.clones, n_times),
            *clone_fates(lanes, question.clones, len(members)),
            answers,
        )


def _worst(dishes: Mapping[str, Sequence[Lane]]) -> list[Lane]:
    """Of the dishes of an arm, for every member the first that failed, else the first."""
    members = zip(*dishes.values(), strict=True)
    return [
        next((lane for lane in lanes if lane.code is not ResultCode.SUCCESS), lanes[0])
        for lanes in members
    ]


def _texts(lanes: Mapping[str, list[Lane]], text: Callable[[Lane], str]) -> list[list[str]]:
    return [[text(lane) for lane in rows] for rows in lanes.values()]
