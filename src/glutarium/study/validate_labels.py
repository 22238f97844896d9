"""Predicted isotopologues beside measured ones that lie outside the package; nothing is fitted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import product
from math import comb
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glutarium.errors import ModelError
from glutarium.kernel import ResultCode
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.names import Observable
from glutarium.simulate.label_isotopes import natural_abundance
from glutarium.simulate.reading import Reading, prepare, series
from glutarium.simulate.readout import reading_of
from glutarium.study.execute import run_member, shared_model
from glutarium.study.local import over_members
from glutarium.study.measured_labels import read_labels
from glutarium.study.parse import read_studies
from glutarium.study.translate import Translator

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from glutarium.kernel import Array
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.plan import ArmPlan
    from glutarium.study.measured_labels import Distribution

__all__ = ["LabelRow", "Summary", "label_rows", "predict", "summarise", "validate_labels"]

PROTOCOLS = Path(__file__).parent / "validate-labels.yaml"
# An isotopologue counts where data or prediction reach this; near is within this of the data.
SHOWN, NEAR = 0.05, 0.1
# A change of the data is clear where it is larger than this many standard errors.
ERRORS = 2.0


@dataclass(frozen=True)
class LabelRow:
    """One isotopologue.

    Attributes
    ----------
    condition, metabolite, count
        System, arm and time; which molecule; its labelled atoms.
    data, error
        Measured fraction and its standard error.
    model, low, high
        Median, and 10th and 90th percentile, over the members.
    guess
        What an unlabelled molecule would show.
    change
        Whether the change with oxygen has the right sign; None where there is none to judge.
    clear
        Whether that change is larger than twice its standard error.
    """

    condition: str
    metabolite: str
    count: int
    data: float
    error: float
    model: float
    low: float
    high: float
    guess: float
    change: bool | None = None
    clear: bool = True

    @property
    def figure(self) -> str:
        """Condition and isotopologue in one line."""
        return f"{self.condition}: {self.metabolite} M{self.count}"

    @property
    def counts(self) -> bool:
        """Whether data or prediction show it at all."""
        return max(self.data, self.model) > SHOWN


@dataclass(frozen=True)
class Summary:
    """How well predictions agree.

    Attributes
    ----------
    count
        Isotopologues that count.
    mean_error
        Mean absolute difference.
    near
        Share within 0.1 of the data.
    guess_error, guess_near
        The same of the guess that nothing is labelled.
    changes, changes_right
        Changes with oxygen that the data show clearly, and how many have the right sign.
    all_changes, all_right
        The same of all changes, those within twice their standard error included.
    """

    count: int
    mean_error: float
    near: float
    guess_error: float
    guess_near: float
    changes: int
    changes_right: int
    all_changes: int
    all_right: int


def validate_labels(
    data: Path,
    *,
    members: int | None = None,
    workers: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[LabelRow]:
    """Compare the shipped ensemble with measured isotopologues.

    Parameters
    ----------
    data
        Folder with the data sets.
    members
        Members to use; all by default.
    workers
        Processes; one per core by default.
    progress
        Called with what is done, how much is done and how much there is.

    Raises
    ------
    KnowledgeError
        If a file is missing or a distribution is not one; nothing is run then.
    """
    measured = read_labels(data)
    plans = _plans(measured)
    work = partial(predict, plans, measured)
    found = over_members(work, members, "running the tracers", workers, progress)
    predicted = [np.array(own) for own in zip(*found, strict=True)]
    return [row for i in range(len(measured)) for row in label_rows(i, measured, predicted)]


def summarise(rows: Sequence[LabelRow]) -> Summary:
    """Figures over all isotopologues that count."""
    kept = [row for row in rows if row.counts]
    error = np.array([abs(row.model - row.data) for row in kept])
    guess = np.array([abs(row.guess - row.data) for row in kept])
    changed = [row for row in rows if row.change is not None]
    changes = [row.change for row in changed if row.clear]
    return Summary(
        len(kept),
        float(error.mean()),
        float((error <= NEAR).mean()),
        float(guess.mean()),
        float((guess <= NEAR).mean()),
        len(changes),
        sum(map(bool, changes)),
        len(changed),
        sum(bool(row.change) for row in changed),
    )


def _plans(measured: Sequence[Distribution]) -> dict[tuple[str, str], ArmPlan]:
    translator = Translator(shared_model())
    found: dict[tuple[str, str], ArmPlan] = {}
    for study in read_studies([PROTOCOLS], vocabulary()):
        plans, missing = translator.plans(study)
        if missing:
            message = f"The protocol {study.id} cannot be run; the model lacks {missing[0]}"
            raise ModelError(message, location=study.location)
        found |= {(study.id, arm): plan for arm, plan in plans.items()}
    return {
        key: plan for key, plan in found.items() if key in {(m.system, m.arm) for m in measured}
    }


def predict(
    plans: dict[tuple[str, str], ArmPlan], measured: Sequence[Distribution], member: int
) -> list[Array]:
    """Distributions of one member in the order of the data."""
    lanes = dict(zip(plans, run_member(list(plans.values()), member), strict=True))
    model = shared_model()
    readings = [_readings(m, plans[m.system, m.arm].cell) for m in measured]
    _prepare(plans, lanes, measured, readings)
    found = []
    for m, own in zip(measured, readings, strict=True):
        lane = lanes[m.system, m.arm]
        values = np.full(len(m.values), np.nan)
        for n, reading in own.items():
            if lane.code is ResultCode.SUCCESS:
                values[n] = np.interp(m.hours, lane.times, series(reading, lane, model))
        found.append(_with_natural(values) if m.raw else values)
    return found


def _readings(measured: Distribution, cell: str) -> dict[int, Reading]:
    """Readings of the isotopologues that the model can read."""
    names = vocabulary()
    texts = [f"{cell}.label.{measured.metabolite}_M{n}" for n in range(len(measured.values))]
    found = (reading_of(Observable.parse(text, names), shared_model(), names) for text in texts)
    return {n: r for n, r in enumerate(found) if isinstance(r, Reading)}


def _prepare(
    plans: dict[tuple[str, str], ArmPlan],
    lanes: dict[tuple[str, str], Lane],
    measured: Sequence[Distribution],
    readings: Sequence[dict[int, Reading]],
) -> None:
    """Find all labels of the lanes of one kind of cell together."""
    for cell in dict.fromkeys(plan.cell for plan in plans.values()):
        pairs = zip(measured, readings, strict=True)
        own = [r for m, rs in pairs if plans[m.system, m.arm].cell == cell for r in rs.values()]
        runs = [lanes[key] for key, plan in plans.items() if plan.cell == cell]
        prepare(product(own, runs), shared_model())


def _with_natural(fractions: Array) -> Array:
    """What raw data would show: natural carbon in the places that the tracer left light."""
    return natural_matrix(len(fractions) - 1) @ fractions


def natural_matrix(carbons: int) -> Array:
    """Raw distribution of every isotopologue, one column each."""
    chance = natural_abundance()["C"]
    matrix = np.zeros((carbons + 1, carbons + 1))
    for heavy in range(carbons + 1):
        light = carbons - heavy
        for more in range(light + 1):
            share = comb(light, more) * chance**more * (1.0 - chance) ** (light - more)
            matrix[heavy + more, heavy] = share
    return matrix


def label_rows(
    i: int, measured: Sequence[Distribution], predicted: Sequence[Array]
) -> list[LabelRow]:
    """Rows of one measured distribution; predictions have a row per member."""
    m, values = measured[i], predicted[i]
    guess = np.zeros(len(m.values))
    guess[0] = 1.0
    guess = _with_natural(guess) if m.raw else guess
    change = _changes(i, measured, predicted)
    rows = []
    for n in range(len(m.values)):
        low, median, high = np.nanquantile(values[:, n], [0.1, 0.5, 0.9])
        rows.append(
            LabelRow(
                f"{m.system}, {m.arm}, {m.hours:g} h",
                m.metabolite,
                n,
                float(m.values[n]),
                float(m.errors[n]),
                float(median),
                float(low),
                float(high),
                float(guess[n]),
                *change[n],
            )
        )
    return rows


def _changes(
    i: int, measured: Sequence[Distribution], predicted: Sequence[Array]
) -> list[tuple[bool | None, bool]]:
    """Whether changes from 21 % oxygen to this arm have the right sign, and are clear."""
    m = measured[i]
    others = [
        j
        for j, o in enumerate(measured)
        if (o.system, o.metabolite, o.hours) == (m.system, m.metabolite, m.hours)
        and o.arm == "21%"
        and m.arm != "21%"
    ]
    if not others:
        return [(None, False)] * len(m.values)
    o = measured[others[0]]
    found: list[tuple[bool | None, bool]] = []
    for n in range(len(m.values)):
        change = m.values[n] - o.values[n]
        noise = float(np.hypot(m.errors[n], o.errors[n]))
        shown = max(m.values[n], o.values[n]) > SHOWN and change != 0.0
        own = np.nanmedian(predicted[i][:, n]) - np.nanmedian(predicted[others[0]][:, n])
        found.append((bool(own * change > 0.0) if shown else None, abs(change) > ERRORS * noise))
    return found
