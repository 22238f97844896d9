"""When a quantity has changed by half: read from its values over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from glutarium.kernel import Array

__all__ = ["half_fall", "half_time"]


def half_time(times: Array, values: Array) -> float:
    """Time at which half of the largest departure from the start is reached first.

    Parameters
    ----------
    times
        h, shape ``(n,)``.
    values
        Shape ``(n,)``.

    Returns
    -------
    float
        h after the first time; NaN where nothing changes.

    Examples
    --------
    >>> half_time(np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 2.0]))
    0.5
    """
    departure = np.abs(values - values[0])
    most = float(departure.max(initial=0.0))
    if most == 0.0 or not np.isfinite(most):
        return float("nan")
    after = int(np.argmax(departure >= most / 2.0))
    before = after - 1
    rise = departure[after] - departure[before]
    share = (most / 2.0 - departure[before]) / rise
    return float(times[before] + share * (times[after] - times[before]) - times[0])


def half_fall(times: Array, values: Array) -> float:
    """Time from the highest value until half of the fall from there to the lowest after it.

    What still rises when its cause is gone does not decay yet: a clock that starts before the highest
    value would call a rise and what follows it a fast decay.

    Parameters
    ----------
    times
        h, shape ``(n,)``.
    values
        Shape ``(n,)``.

    Returns
    -------
    float
        h after the highest value; NaN where nothing falls after it.

    Examples
    --------
    >>> half_fall(np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 2.0]))
    0.5
    """
    if not np.isfinite(values).all():
        return float("nan")
    highest = int(np.argmax(values))
    return half_time(times[highest:], values[highest:])
