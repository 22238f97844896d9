"""The rule without a model: "more of anything gives more, less gives less".

It is right on more than half of all expectations, so a total says little; what a model is worth
shows where the rule is wrong or has no answer. The rule knows no sizes and no mechanism:

- it looks at each arm against the setup. Something added or raised is *more*; something removed or
  lowered is *less*. A drug takes away from what it acts on, whatever that is: a drug added is
  *less*. An alteration that activates or a mutant that appears is *more*, a lost tumour suppressor
  *less*;
- an arm in which things move both ways, or whose change is neither more nor less (a tracer, another
  pH, other clones), has no direction;
- of two arms the one with more has more of every read-out. Two arms that both add or both take away
  cannot be told apart;
- whatever is added to an insult rescues from it;
- sizes, ratios of pairs, different read-outs, synergies, values and "unchanged" are beyond it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

from glutarium.study.conditions import Conditions, Dose, Medium
from glutarium.study.study import DEFAULT_MEDIUM, DEFAULT_OXYGEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.study.study import Expectation, Study

__all__ = ["LOSSES", "Background", "Prediction", "background_of", "predict", "rule_holds"]

Prediction: TypeAlias = Literal["up", "down", "rescued"]
_Move: TypeAlias = "int | None"
"""1: more, -1: less, 0: as before, None: neither more nor less."""

# The study format: groups of nutrients whose value is a multiplier, one where nothing is said.
_GROUPS = frozenset({"amino_acids", "fatty_acids", "growth_factors"})
# The study format: the name of a tumour suppressor in `genotype` means its loss.
LOSSES = frozenset({"TP53", "PTEN", "RB1", "STK11", "KEAP1", "VHL"})

_Key = TypeVar("_Key")
_PLASMA = "plasma"
_NOT_AMOUNTS = frozenset({"pH"})


@dataclass(frozen=True, slots=True)
class Background:
    """What the rule has to know of things that a study does not say.

    Attributes
    ----------
    media
        Medium → name → mM; what a known medium does not list is not in it.
    groups
        Group of nutrients → its members.
    losses
        Genotypes whose name means a loss.
    """

    media: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    losses: frozenset[str] = LOSSES


def background_of(base: KnowledgeBase) -> Background:
    """Return what the tables say of media."""
    names = {row.id: row.name for row in base.metabolites}
    media: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for row in base.media:
        metabolite = row.species.rpartition("_")[0]
        media[row.medium][names.get(metabolite, metabolite)] = row.value
    return Background(media=dict(media))


def predict(study: Study, expectation: Expectation, background: Background) -> Prediction | None:
    """Return what the rule says, or None where it has no answer.

    Parameters
    ----------
    study
        The study that the expectation stands in.
    expectation
        What is asked; what it expects is not looked at, but for the kind of question.
    background
        Base media and groups.
    """
    if expectation.verb in ("rescued", "not_rescued"):
        return "rescued"
    if expectation.verb not in ("up", "down", "unchanged") or not _is_plain(expectation):
        return None
    (arm,), (versus,) = expectation.arm, expectation.versus
    mine, theirs = (_direction(study, name, background) for name in (arm, versus))
    if mine is None or theirs is None or mine == theirs:
        return None
    return "up" if mine > theirs else "down"


def rule_holds(study: Study, expectation: Expectation, background: Background) -> bool:
    """Tell whether the rule answers and is right."""
    return predict(study, expectation, background) == expectation.verb


def _is_plain(expectation: Expectation) -> bool:
    """Tell whether two single arms are compared in one read-out, for direction only."""
    one = expectation.versus_observable in (None, expectation.observable)
    return len(expectation.arm) == 1 and one and expectation.factor is None


def _direction(study: Study, arm: str, background: Background) -> _Move:
    """Return where an arm goes from the setup."""
    moves = set(_moves(study, study.arms[arm].conditions, background)) - {0}
    if len(moves) > 1:
        return None
    return next(iter(moves), 0)


def _moves(study: Study, own: Conditions, background: Background) -> Iterator[_Move]:
    """Yield one move for everything that an arm says."""
    setup = study.setup
    for name, value in own.said().items():
        match name:
            case "gene":
                yield from _compare_all(value, setup.gene or {}, 1.0)
            case "medium":
                yield from _medium_moves(study, value, background)
            case "supplement" | "stimulus":
                yield from _compare_all(value, getattr(setup, name) or {}, 0.0)
            case "drug":
                yield from (_drug_move(x, (setup.drug or {}).get(k, 0.0)) for k, x in value.items())
            case "oxygen":
                yield _compare(value, DEFAULT_OXYGEN if setup.oxygen is None else setup.oxygen)
            case "add_cells":
                yield int(not set(value.names) <= set(setup.cell_names))
            case "genotype":
                yield from _genotype_moves(value, setup.genotype or (), background.losses)
            case _:
                yield 0 if value == getattr(setup, name) else None


def _compare(now: float, before: float) -> int:
    return (now > before) - (now < before)


def _compare_all(
    now: Mapping[_Key, float], before: Mapping[_Key, float], default: float
) -> Iterator[int]:
    yield from (_compare(value, before.get(key, default)) for key, value in now.items())


def _drug_move(now: float | Dose, before: float | Dose) -> _Move:
    if now == before:
        return 0
    if isinstance(now, Dose) or isinstance(before, Dose):
        return -1 if before == 0.0 else None
    return -_compare(now, before)


def _genotype_moves(
    now: tuple[str, ...], before: tuple[str, ...], losses: frozenset[str]
) -> Iterator[int]:
    for name in sorted(set(now) ^ set(before)):
        gained = 1 if name in now else -1
        yield -gained if name in losses else gained


def _medium_moves(study: Study, medium: Medium, background: Background) -> Iterator[_Move]:
    said = study.setup.medium or Medium()
    if medium.base not in (None, said.base):
        yield None
    for name, value in medium.values.items():
        before = _concentration(study, said, name, background)
        if name in _NOT_AMOUNTS:
            yield 0 if value == said.values.get(name) else None
        elif before is None:
            # Nothing is known of the base medium; nothing at all is still less than that.
            yield -1 if value == 0 else None
        else:
            yield _compare(value, before)


def _concentration(study: Study, said: Medium, name: str, background: Background) -> float | None:
    """Return a named value or a group's multiplier in the setup; None where it is not known."""
    if name in said.values:
        return said.values[name]
    if name in _GROUPS:
        return 1.0
    base = background.media.get(said.base or DEFAULT_MEDIUM[study.system] or _PLASMA)
    if base is None:
        return None
    inside = [
        said.values[g]
        for g, members in background.groups.items()
        if name in members and g in said.values
    ]
    return base.get(name, 0.0) * (inside[0] if inside else 1.0)
