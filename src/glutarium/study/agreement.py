"""A figure of the model beside a measured one: medians, ranges, and whether what is asked of it is met.

Nothing is fitted here. What is asked of a figure is said where it is read (:mod:`glutarium.study.measured`)
and is one of a few kinds that know nothing of the figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.kernel import Array
    from glutarium.study.measured import Curve, Measurement

__all__ = ["Row", "compare", "compare_curve", "half_maximum", "shown"]

# A smaller relative change counts as none; the study format draws the same line.
LEAST_CHANGE = 0.05
# Sizes agree where medians differ by no more than this factor.
FACTOR = 2.0


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
        Where and how far the medians lie apart.
    source
        Source of the data.
    agrees
        Whether the model's median lies within the range of the data; for a fold, whether the direction
        is right. None where one replicate has no range.
    met
        Whether what is asked of the figure is met; None where nothing is asked.
    """

    figure: str
    model: str
    data: str
    unit: str
    agreement: str
    source: str
    agrees: bool | None
    met: bool | None = None

    @property
    def verdict(self) -> str:
        """``met``, ``missed`` or nothing."""
        return {True: "met", False: "missed", None: ""}[self.met]


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
    seen = shown(data, data.min(), data.max()) if len(data) > 1 else f"{data[0]:.2g} (one)"
    if not len(ran):
        missed = False if m.asked else None
        return Row(
            m.figure, "", seen, m.unit, "no run finished", m.source, agrees=False, met=missed
        )
    middle = float(np.median(ran))
    agrees, text = (_fold_agreement if m.versus else _agreement)(middle, data)
    if len(ran) < len(members):
        text += f"; {len(ran)} of {len(members)} members ran"
    met = _met(m, middle, float(np.median(data)))
    model = shown(ran, *np.quantile(ran, [0.1, 0.9]))
    return Row(m.figure, model, seen, m.unit, text, m.source, agrees=agrees, met=met)


def _met(m: Measurement, model: float, data: float) -> bool | None:
    if not m.asked:
        return None
    within = within_factor(model, data)
    return within and (m.asked != "fold" or _direction(model) == _direction(data))


def within_factor(model: float, data: float) -> bool:
    """Whether two figures have one sign and differ by no more than :data:`FACTOR`."""
    return bool(model * data > 0.0 and 1.0 / FACTOR <= model / data <= FACTOR)


def compare_curve(curve: Curve, members: Sequence[Array]) -> list[Row]:
    """Put a curve over doses beside those of the members: its half-maximum and its shape.

    Parameters
    ----------
    curve
        The data.
    members
        For every dose the model's figure for every member, shape ``(n_members,)``.
    """
    doses = np.array(curve.doses)
    middle = np.array([np.median(v) for v in curve.values])
    every = np.array(members).T
    ran = every[np.isfinite(every).all(axis=1)]
    half, rises = half_maximum(doses, middle), float(_rises(middle, middle))
    if not len(ran):
        lost = Row(
            curve.figure, "", "", "", "no run finished", curve.source, agrees=False, met=False
        )
        return [lost]
    halves = np.array([half_maximum(doses, y) for y in ran])
    shape = np.array([float(_rises(y, middle)) for y in ran])
    model = float(np.median(halves))
    text = f"{model / half:.2g} x"
    if model <= doses[0]:
        text += f"; at the lowest dose ({doses[0]:g}) above half already"
    return [
        Row(
            f"{curve.figure}, half-maximum",
            shown(halves, *np.quantile(halves, [0.1, 0.9])),
            f"{half:.2g}",
            curve.unit,
            text,
            curve.source,
            agrees=None,
            met=within_factor(model, half),
        ),
        Row(
            f"{curve.figure}, share of members that rise with dose as the data do",
            f"{shape.mean():.2g}",
            f"{rises:.2g}",
            "1",
            "",
            curve.source,
            agrees=None,
            met=bool(shape.mean() >= 0.5),  # noqa: PLR2004 - the median member
        ),
    ]


def half_maximum(doses: Array, values: Array) -> float:
    """Lowest dose at which half of the largest value is reached, between the doses by interpolation.

    The lowest dose, where half is reached there already.
    """
    half = 0.5 * float(values.max())
    above = int(np.argmax(values >= half))
    if above == 0:
        return float(doses[0])
    low, high = values[above - 1], values[above]
    share = (half - low) / (high - low)
    return float(doses[above - 1] + share * (doses[above] - doses[above - 1]))


def _rises(values: Array, data: Array) -> bool:
    """Whether values rise by the least change at each step up to the dose where the data are largest."""
    top = int(np.argmax(data))
    steps = np.diff(values[: top + 1])
    scale = LEAST_CHANGE * float(np.abs(values).max())
    return bool((steps > -scale).all() and values[top] - values[0] > scale)


def shown(values: Array, low: float, high: float) -> str:
    """Median and range as text."""
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
