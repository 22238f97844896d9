"""What is asked of a batch is checked before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glutarium.solve.methods import METHODS, RODAS5P

if TYPE_CHECKING:
    from glutarium.kernel import Array, LaneKernel
    from glutarium.solve.batch import Batch
    from glutarium.solve.methods import Method
    from glutarium.solve.options import LaneOptions

__all__ = ["chosen_method", "refuse_misfits", "tolerances"]


def chosen_method(options: LaneOptions, batch: Batch) -> Method:
    """The method by its name; refused where it is unknown or lacks what the batch needs."""
    method = METHODS.get(options.method)
    if method is None:
        message = f"Unknown method {options.method!r}; choose one of {', '.join(METHODS)}."
        raise ValueError(message)
    if batch.watches and not method.dense:
        message = (
            f"{method.name} has no dense output and cannot locate crossings; "
            f"use {RODAS5P.name.lower()} for batches with watches."
        )
        raise ValueError(message)
    return method


def refuse_misfits(kernel: LaneKernel, batch: Batch) -> None:
    """Refuse a batch whose arrays or watches do not fit the kernel."""
    expected = len(kernel.state_names), len(kernel.parameter_names)
    found = batch.y0.shape[1], batch.table.shape[1]
    if found != expected:
        message = (
            f"The batch has {found[0]} states and {found[1]} parameters; the kernel has "
            f"{expected[0]} and {expected[1]}. Build the batch from this kernel's model."
        )
        raise ValueError(message)
    for watch in batch.watches:
        names = kernel.observable_names if watch.observable else kernel.state_names
        if not 0 <= watch.index < len(names):
            message = f"A watch looks at position {watch.index}; there are {len(names)}."
            raise ValueError(message)


def tolerances(atol: Array | float, n: int, options: LaneOptions) -> Array:
    """Absolute tolerance of every state; refused where arithmetic cannot meet what is asked."""
    found = np.broadcast_to(np.asarray(atol, dtype=np.float64), (n,)).copy()
    if not (np.isfinite(found) & (found > 0.0)).all():
        worst = int(np.flatnonzero(~(np.isfinite(found) & (found > 0.0)))[0])
        message = f"Absolute tolerances must be positive; number {worst} is {found[worst]}."
        raise ValueError(message)
    if not 1e-13 <= options.rtol <= 0.1:  # noqa: PLR2004 - round-off, and no tolerance at all
        message = f"rtol must lie between 1e-13 and 0.1, not at {options.rtol}."
        raise ValueError(message)
    return found
