"""The model beside measurements that lie outside the package; nothing is fitted to them here.

Every figure has a protocol, written as a study (``validate-protocols.yaml``), that is run over the whole
ensemble. Exchange is the mean over the run per dry mass, growth the mean rate of gaining mass, a pool
its value at the end; folds are taken member by member.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from glutarium.errors import ModelError, UnknownNameError
from glutarium.kernel import ResultCode
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.names import Observable
from glutarium.simulate.readout import Reading, reading_of, series
from glutarium.study.agreement import Row, compare, compare_curve
from glutarium.study.execute import run_member, shared_model
from glutarium.study.local import over_members
from glutarium.study.measured import read_curves, read_measurements
from glutarium.study.measured_lines import GENERIC, LINES, OBSERVABLES, read_panel
from glutarium.study.parse import read_studies
from glutarium.study.translate import Translator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan
    from glutarium.study.local import Progress
    from glutarium.study.measured import Curve, Measurement
    from glutarium.study.study import Study

__all__ = ["Row", "validate_against"]

PROTOCOLS = Path(__file__).parent / "validate-protocols.yaml"
GROWTH = ".growth_rate"
CULTURE = "culture"
ORDER = ("fibroblast", "H1299", "143B", "six lines", *LINES, "NCI-60", "MCF10A")

Key: TypeAlias = tuple[str, str, str]
"""Protocol, arm, observable."""


def validate_against(
    data: Path,
    *,
    members: int | None = None,
    workers: int | None = None,
    progress: Progress = None,
) -> list[Row]:
    """Compare the shipped ensemble with measurements.

    Parameters
    ----------
    data
        Folder with the data sets; see :data:`glutarium.study.measured.FILES`.
    members
        Members to use; all by default.
    workers
        Processes; one per core by default.
    progress
        Called with what is done, how much is done and how much there is.

    Returns
    -------
    list of Row
        One per figure whose observable the model has.

    Raises
    ------
    KnowledgeError
        If the folder or a file is not there or cannot be read; nothing is run then.
    ModelError
        If the model cannot run a protocol.
    """
    measurements, curves = read_measurements(data), read_curves(data)
    model = shared_model()
    with TemporaryDirectory() as scratch:
        panel = read_panel(data, Path(scratch), model.base)
        plans = _plans(model, [*read_studies([PROTOCOLS], vocabulary()), *panel.studies])
    asked = [*(m.observable for m in measurements), *(c.observable for c in curves)]
    asked += [observable for _, observable, _, _ in OBSERVABLES.values()]
    readings = _readings(asked, model)
    work = partial(_values, plans, readings)
    found = over_members(work, members, "running the protocols", workers, progress)
    rows = [compare(m, _of_members(m, found)) for m in measurements if m.observable in readings]
    rows += [row for c in curves for row in compare_curve(c, _of_doses(c, found))]
    rows += panel.rows(_of_lines(found))
    return sorted(rows, key=_rank)


def _rank(row: Row) -> int:
    """Place of a figure in the table: what is asked for first, by system."""
    return next((i for i, what in enumerate(ORDER) if row.figure.startswith(what)), len(ORDER))


def _plans(model: CellModel, studies: Sequence[Study]) -> dict[tuple[str, str], ArmPlan]:
    """Plans of all protocols by protocol and arm."""
    translator = Translator(model)
    found: dict[tuple[str, str], ArmPlan] = {}
    for study in studies:
        plans, missing = translator.plans(study)
        if missing:
            message = f"The protocol {study.id} cannot be run; the model lacks {missing[0]}"
            raise ModelError(message, location=study.location)
        found |= {(study.id, arm): plan for arm, plan in plans.items()}
    return found


def _readings(observables: Sequence[str], model: CellModel) -> dict[str, Reading]:
    """How to read what was measured; what the model does not have is left out."""
    names = vocabulary()
    readings: dict[str, Reading] = {}
    for text in dict.fromkeys(observables):
        with suppress(UnknownNameError):
            reading = reading_of(Observable.parse(text, names), model, names)
            if isinstance(reading, Reading):
                readings[text] = reading
    return readings


def _values(
    plans: Mapping[tuple[str, str], ArmPlan], readings: Mapping[str, Reading], member: int
) -> dict[Key, float]:
    """One number per arm and observable for one member."""
    model = shared_model()
    lanes = run_member(list(plans.values()), member)
    return {
        (*place, name): _value(name, reading, lane, model)
        for place, lane in zip(plans, lanes, strict=True)
        for name, reading in readings.items()
    }


def _value(name: str, reading: Reading, lane: Lane, model: CellModel) -> float:
    """NaN where the run did not finish."""
    if lane.code is not ResultCode.SUCCESS:
        return float("nan")
    mass = lane.observed[:, model.observable_index["mass"]]
    if name.endswith(GROWTH):
        return float(np.log(mass[-1] / mass[0]) / (lane.times[-1] - lane.times[0]))
    values = series(reading, lane, model)
    if not reading.averaged:
        return float(values[-1])
    return float(np.trapezoid(values * mass, lane.times) / np.trapezoid(mass, lane.times))


def _of_members(measurement: Measurement, found: Sequence[Mapping[Key, float]]) -> Array:
    """The figure for every member, shape ``(n_members,)``."""
    m = measurement
    top = np.array([values[m.protocol, m.arm, m.observable] for values in found])
    if not m.versus:
        return m.sign * top
    bottom = np.array([values[m.protocol, m.versus, m.observable] for values in found])
    return np.asarray(top / bottom)


def _of_doses(curve: Curve, found: Sequence[Mapping[Key, float]]) -> list[Array]:
    """The figure for every dose and member."""
    keys = [(curve.protocol, arm, curve.observable) for arm in curve.arms]
    return [np.array([values[key] for values in found]) for key in keys]


def _of_lines(found: Sequence[Mapping[Key, float]]) -> dict[tuple[str, str], Array]:
    """Line and quantity → one number per member."""
    return {
        (line, quantity): sign * np.array([v[line, CULTURE, observable] for v in found])
        for line in (GENERIC, *LINES)
        for quantity, (_, observable, _, sign) in OBSERVABLES.items()
    }
