"""Natural abundance taken out of raw areas by IsoCor, a maintained library (extra ``labels``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glutarium.errors import KnowledgeError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.kernel import Array

__all__ = ["correct_natural"]


def correct_natural(
    areas: Sequence[float], formula: str, *, tracer: str = "13C", purity: float = 1.0
) -> Array:
    """Isotopologue fractions without natural abundance and impurity of the tracer.

    Parameters
    ----------
    areas
        Peak areas of M+0 and so on, at unit resolution.
    formula
        Of the measured molecule or fragment, ``C5H9NO4``.
    tracer
        ``13C`` or ``15N``.
    purity
        Share of the heavy isotope in labelled positions.

    Returns
    -------
    Array
        Fractions, shape ``(n_areas,)``; they add up to one.

    Raises
    ------
    MissingExtraError
        IsoCor is not installed.
    KnowledgeError
        The areas do not fit the formula.
    """
    try:
        from isocor.mscorrectors import MetaboliteCorrectorFactory  # noqa: PLC0415
    except ImportError as error:
        package, extra = "isocor", "labels"
        raise MissingExtraError(package, extra) from error
    corrector = MetaboliteCorrectorFactory(
        formula, tracer=tracer, tracer_purity=[1.0 - purity, purity], correct_NA_tracer=True
    )
    try:
        _, fractions, _, _ = corrector.correct(list(areas))
    except ValueError as error:
        message = f"{len(areas)} areas do not fit {formula} with {tracer}: {error}"
        raise KnowledgeError(message) from error
    return np.asarray(fractions, dtype=np.float64)
