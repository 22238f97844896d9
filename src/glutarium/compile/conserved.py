"""Stage 3d for small systems: conserved sums that spare the linear system unknowns.

No step changes a conserved sum, so that in every solution one state of it is what the others leave: an
enzyme's free form, AMP beside ATP and ADP. Its row and its column need no factors, and the sum stays to
rounding. A sum counts if it is short and its weights are plain numbers, which they are where all its states
share one volume; others would fill the columns of the states that stay.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from glutarium.compile.analyse import moieties
from glutarium.compile.factor import factors
from glutarium.compile.sizes import LONGEST_SUM
from glutarium.compile.storage import Storage, stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from glutarium.compile.bordered import Bordered

__all__ = ["lane_storage"]

Bound = dict[int, dict[int, float]]


def lane_storage(model: Bordered) -> Storage:
    """Places of the matrix and the factors of a lane kernel."""
    whole = stored(model.entries, model.n_unknowns)
    bound = _bound_states(model) if whole.small else {}
    if not bound:
        return whole
    free = [u for u in range(model.n_unknowns) if u not in bound]
    place = {u: i for i, u in enumerate(free)}
    left = [(place[i], place[j]) for i, j in _without(model.entries, bound)]
    pattern = factors(left, len(free), full_end=False)
    named = replace(
        pattern,
        order=tuple(free[i] for i in pattern.order),
        columns=tuple(free[i] for i in pattern.columns),
    )
    return Storage(named, bound, tuple(model.entries))


def _bound_states(model: Bordered) -> Bound:
    """States that follow from others: state → weights of the others in its change, with a minus sign.

    Each stands in one sum alone, so that none follows from another; of several, the one that most rates
    depend on: the others of its sum mostly stand in these as well.
    """
    spec = model.lowered.analysis.spec
    scales = [s.scale for s in spec.states]
    users = Counter(column for _, column in model.entries)
    rows = []
    for row in moieties(spec):
        members = np.flatnonzero(row)
        same = all(scales[i] == scales[members[0]] for i in members)
        if same and len(members) <= LONGEST_SUM:
            rows.append({int(i): float(row[i]) for i in members})
    found: Bound = {}
    for row in rows:
        alone = [i for i in row if sum(i in other for other in rows) == 1]
        if alone:
            chosen = min(alone, key=lambda i: (-users[i], i))
            found[chosen] = {i: w / row[chosen] for i, w in row.items() if i != chosen}
    return found


def _without(
    entries: Iterable[tuple[int, int]], bound: Mapping[int, Mapping[int, float]]
) -> dict[tuple[int, int], None]:
    """Entries once the columns of bound states are those of the others, and their rows are gone."""
    return {(i, k): None for i, j in entries if i not in bound for k in bound.get(j, (j,))}
