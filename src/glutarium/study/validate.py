"""The model beside measurements that lie outside the package; nothing is fitted to them here.

Every figure has a protocol, written as a study (``validate-protocols.yaml``), that is run over the whole
ensemble. Exchange is the mean over the run per dry mass, growth the mean rate of gaining mass, a pool
its value at the end; folds are taken member by member.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from glutarium.errors import ModelError, UnknownNameError
from glutarium.kernel import ResultCode
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.names import Observable
from glutarium.simulate.readout import Reading, reading_of, series
from glutarium.study.execute import run_member, shared_model
from glutarium.study.local import in_parallel
from glutarium.study.measured import GROWTH, read_measurements
from glutarium.study.parse import read_studies
from glutarium.study.translate import Translator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan
    from glutarium.study.measured import Measurement

__all__ = ["Row", "compare", "validate_against"]

PROTOCOLS = Path(__file__).parent / "validate-protocols.yaml"
# A smaller relative change counts as none; the study format draws the same line.
LEAST_CHANGE = 0.05

Key: TypeAlias = tuple[str, str, str]
"""Protocol, arm, observable."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of the model beside the measured one.

    Attributes
    ----------
    figure
        What is compared.
    model
        Median over the members, with the range from the 10th to the 90th percentile.
    data
        Median over lines, experiments or replicates, with the range from lowest to highest.
    unit
        Unit of both.
    agreement
        ``inside`` or ``outside`` with the factor between the medians; for a fold, whether direction
        and size agree.
    source
        Source of the data.
    agrees
        Whether the model's median lies within the range of the data; for a fold, whether the direction
        is right. None where one replicate has no range.
    """

    figure: str
    model: str
    data: str
    unit: str
    agreement: str
    source: str
    agrees: bool | None


def validate_against(
    data: Path,
    *,
    members: int | None = None,
    workers: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
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
    measurements = read_measurements(data)
    model = shared_model()
    plans, readings = _plans(model), _readings(measurements, model)
    count = min(members or len(model.ensemble), len(model.ensemble))
    found: list[dict[Key, float]] = []
    for values in in_parallel(partial(_values, plans, readings), range(count), workers):
        found.append(values)
        if progress is not None:
            progress("running the protocols", len(found), count)
    return [compare(m, _of_members(m, found)) for m in measurements if m.observable in readings]


def _plans(model: CellModel) -> dict[tuple[str, str], ArmPlan]:
    """Plans of all protocols by protocol and arm."""
    translator = Translator(model)
    found: dict[tuple[str, str], ArmPlan] = {}
    for study in read_studies([PROTOCOLS], vocabulary()):
        plans, missing = translator.plans(study)
        if missing:
            message = f"The protocol {study.id} cannot be run; the model lacks {missing[0]}"
            raise ModelError(message, location=study.location)
        found |= {(study.id, arm): plan for arm, plan in plans.items()}
    return found


def _readings(measurements: Sequence[Measurement], model: CellModel) -> dict[str, Reading]:
    """How to read what was measured; what the model does not have is left out."""
    names = vocabulary()
    readings: dict[str, Reading] = {}
    for text in dict.fromkeys(m.observable for m in measurements):
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
    if name == GROWTH:
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


def compare(measurement: Measurement, members: Array) -> Row:
    """Put a measured figure beside that of the members.

    Parameters
    ----------
    measurement
        The data.
    members
        The model's figure for every member, shape ``(n_members,)``; NaN where a run failed.
    """
    m = measurement
    ran = members[np.isfinite(members)]
    data = np.array(m.values)
    shown = _shown(data, data.min(), data.max()) if len(data) > 1 else f"{data[0]:.2g} (one)"
    if not len(ran):
        return Row(m.figure, "", shown, m.unit, "no run finished", m.source, agrees=False)
    low, high = np.quantile(ran, [0.1, 0.9])
    middle = float(np.median(ran))
    agrees, text = (_fold_agreement if m.versus else _agreement)(middle, data)
    if len(ran) < len(members):
        text += f"; {len(ran)} of {len(members)} members ran"
    return Row(m.figure, _shown(ran, low, high), shown, m.unit, text, m.source, agrees=agrees)


def _shown(values: Array, low: float, high: float) -> str:
    return f"{np.median(values):.2g} ({low:.2g} to {high:.2g})"


def _agreement(model: float, data: Array) -> tuple[bool | None, str]:
    if len(data) == 1:
        return None, _factor(model, data)
    inside = bool(data.min() <= model <= data.max())
    return inside, f"{'inside' if inside else 'outside'}, {_factor(model, data)}"


def _factor(model: float, data: Array) -> str:
    middle = float(np.median(data))
    return f"{model / middle:.2g} x" if model * middle > 0.0 else "other sign"


def _fold_agreement(model: float, data: Array) -> tuple[bool | None, str]:
    if _direction(model) != _direction(float(np.median(data))):
        return False, f"direction wrong, {_factor(model, data)}"
    inside = bool(data.min() <= model <= data.max())
    return True, f"direction{' and size' if inside else ', size outside'}, {_factor(model, data)}"


def _direction(fold: float) -> int:
    """Sign of the change; 0 where it is too small to count."""
    return 0 if abs(fold - 1.0) < LEAST_CHANGE else int(np.sign(fold - 1.0))
