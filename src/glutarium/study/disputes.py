"""Both sides of a dispute get a fair trial: each is tried under the alternatives that the model offers.

Where claims answer one design in opposite ways, the literature may also dispute the mechanism, and the
tables then hold every answer. A study that names its opponents is run under each of them, and its verdicts
are those of the answer under which most of its expectations hold; of equals, the model's default.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from glutarium.model.alternatives import alternatives
from glutarium.study.conditions import Conditions, merge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from glutarium.model.drugs import Target
    from glutarium.simulate.model import CellModel
    from glutarium.study.study import Study
    from glutarium.study.verdict import Verdict

__all__ = ["disputed_edges", "explained", "most_held", "tries"]


def tries(
    study: Study, targets: Iterable[Target], edges: Mapping[str, Sequence[str]] | None = None
) -> tuple[Study, ...]:
    """The study as it stands, and a disputed one also under every other answer.

    Parameters
    ----------
    study
        The study.
    targets
        Drugs on the network, with the alternatives that the tables hold for them.
    edges
        Questions about edges of regulation → their answers, the default first.

    Returns
    -------
    tuple of Study
        The first one runs under the model's default. What the study itself says of a question, and
        questions about drugs that it does not give, are left as they are. Questions about edges are
        opened one at a time: the literature disputes them one by one.
    """
    if not study.disputed_with:
        return (study,)
    said = tuple(_conditions(study))
    drugs = {drug for c in said for drug in c.drug or {}}
    settled = {question for c in said for question in c.alternatives or {}}
    concerned = [t for t in targets if t.drug in drugs]
    opened = {q: a for q, a in alternatives(concerned).items() if q not in settled}
    answers = [dict(zip(opened, chosen, strict=True)) for chosen in product(*opened.values())]
    answers += [
        {question: answer}
        for question, known in (edges or {}).items()
        if question not in settled
        for answer in known[1:]
    ]
    return (study, *(_under(study, answer) for answer in answers[1:]))


def disputed_edges(model: CellModel, system: str) -> dict[str, tuple[str, ...]]:
    """Questions about edges, in cells and, where these share a place, between them.

    Parameters
    ----------
    model
        The model.
    system
        Of the study: cells alone have nothing between them.
    """
    between = () if system == "cell" else tuple(model.base.niche_edges)
    return alternatives((*model.network.regulation.edges, *between))


def _under(study: Study, answer: dict[str, str]) -> Study:
    return replace(study, setup=merge(study.setup, Conditions(alternatives=answer)))


def _conditions(study: Study) -> Iterator[Conditions]:
    """Yield everything that is said of setup and arms, before time zero and at later times too."""
    for outer in (study.setup, *(arm.conditions for arm in study.arms.values())):
        yield outer
        if outer.pre_treatment is not None:
            yield outer.pre_treatment.conditions
        yield from (change.conditions for change in outer.at or ())


def most_held(verdicts: Sequence[Sequence[Verdict]]) -> int:
    """Position of the try of which most holds; of equals the first, which is the default."""
    return max(range(len(verdicts)), key=lambda i: (_held(verdicts[i]), -i))


def _held(verdicts: Sequence[Verdict]) -> int:
    return sum(verdict.outcome == "holds" for verdict in verdicts)


def explained(verdicts: Iterable[Verdict], tried: Study, plain: Study) -> list[Verdict]:
    """Verdicts that say under which answer they stand, where that is not the study's own."""
    mine, own = tried.setup.alternatives or {}, plain.setup.alternatives or {}
    chosen = ", ".join(f"{q}: {answer}" for q, answer in mine.items() if q not in own)
    if not chosen:
        return list(verdicts)
    return [
        replace(v, reason="; ".join(filter(None, (v.reason, f"under {chosen}")))) for v in verdicts
    ]
