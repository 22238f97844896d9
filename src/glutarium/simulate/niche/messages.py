"""What cells release into the medium or show on their surface, and what others read of it.

A cell reads what other kinds of cell make: what its own kind makes is part of what it is at rest. How densely
the cells of a tissue are packed it feels from all of them: at rest it stood alone in a thin dish.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from glutarium.units import convert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.kernel import Array
    from glutarium.model.niche import Messenger, Niche
    from glutarium.simulate.niche.bed import Bed
    from glutarium.simulate.niche.hands import Hands
    from glutarium.simulate.niche.populations import Populations

__all__ = ["Messages"]

CONTACT, MATRIX, PACKING = "contact", "matrix", "packing"


class Messages:
    """Levels of all messengers of a site.

    Parameters
    ----------
    hands
        The lanes.
    niche
        Messengers and their constants.
    tissue
        Whether vessels carry away what is released.

    Attributes
    ----------
    level
        Messenger → level in its unit, of the whole site; of contacts, the mean pressure.
    """

    def __init__(self, hands: Hands, niche: Niche, *, tissue: bool) -> None:
        self._hands, self._niche, self._tissue = hands, niche, tissue
        every = niche.messengers.values()
        self.level = {m.id: float(m.kind == MATRIX) for m in every}
        self._contacts = _Makers(hands, [m for m in every if m.kind == CONTACT])
        lasting = [m for m in every if m.kind not in {CONTACT, PACKING}]
        self._lasting = _Makers(hands, lasting, keep=MATRIX)
        self._packing = [m for m in every if m.kind == PACKING and tissue]
        self._packed = np.zeros(len(hands.cells))
        kinds = np.array(hands.cells)
        self._others = (hands.zone[:, None] == hands.zone) & (kinds[:, None] != kinds)
        each = np.array(list(dict.fromkeys(hands.cells)))
        self._of_kind = (kinds[:, None] == each).astype(float)
        self._sent = np.zeros((len(self._lasting.messengers), len(each)))
        self._pressure = np.zeros((len(self._contacts.messengers), len(hands.cells)))
        self._per_hour = convert(1.0, "fmol/pg", "mmol/g") * convert(1.0, "mM", "nM")
        read = [*self._contacts.messengers, *self._lasting.messengers, *self._packing]
        self.read = tuple(dict.fromkeys(m.input for m in read if m.input))

    def advance(self, hours: float, observed: Array, populations: Populations, bed: Bed) -> None:
        """Let hours pass; contacts follow at once."""
        shares = populations.shares
        release = [self._factor(m.id, "release", bed) for m in self._contacts.messengers]
        shown = self._contacts.made(observed) * np.array(release).reshape(-1, 1)
        self._pressure = (shown * shares) @ self._others.T
        means = self._pressure @ shares
        for messenger, mean in zip(self._contacts.messengers, means.tolist(), strict=True):
            self.level[messenger.id] = mean
        self._packed = np.bincount(self._hands.zone, populations.density)[self._hands.zone]
        self.level |= {m.id: float(self._packed @ shares / shares.sum()) for m in self._packing}
        if hours > 0.0:
            self._spread(hours, observed, populations, bed)

    def _spread(self, hours: float, observed: Array, populations: Populations, bed: Bed) -> None:
        """Towards the balance of release and loss."""
        zone = self._hands.zone
        weights = populations.room
        weights = (weights / weights.sum())[zone]
        made = self._lasting.made(observed)
        added = made @ (populations.shares * weights)
        per_litre = populations.density / self._hands.dry_mass * self._per_hour
        released = (made * per_litre * weights) @ self._of_kind
        washout = bed.washout if self._tissue else 0.0
        for i, messenger in enumerate(self._lasting.messengers):
            rate = math.log(2.0) / messenger.half_life
            loss = rate * self._factor(messenger.id, "removal", bed)
            more = self._factor(messenger.id, "release", bed)
            if messenger.kind == MATRIX:
                settled, now = (
                    rate * (1.0 + float(added[i]) * more) / loss,
                    self.level[messenger.id],
                )
                self.level[messenger.id] = settled + (now - settled) * math.exp(-loss * hours)
                continue
            loss += washout
            balance = released[i] * more / loss
            self._sent[i] = balance + (self._sent[i] - balance) * math.exp(-loss * hours)
            self.level[messenger.id] = float(self._sent[i].sum())

    def _factor(self, name: str, process: str, bed: Bed) -> float:
        factor = 1.0
        for influence in self._niche.onto(name, process):
            factor *= influence.factor(bed.sense(influence.regulator))
        return factor

    def filled(self) -> Array:
        """How far each lane's receptors of the inputs ``read`` are filled, shape ``(n_inputs, n_lanes)``."""
        found = {name: np.zeros(len(self._hands.cells)) for name in self.read}
        for pressure, messenger in zip(self._pressure, self._contacts.messengers, strict=True):
            if messenger.input:
                found[messenger.input] += pressure / messenger.half
        for sent, messenger in zip(self._sent, self._lasting.messengers, strict=True):
            if messenger.input:
                of_others = (1.0 - self._of_kind) @ sent
                found[messenger.input] += of_others / messenger.half
        for messenger in self._packing:
            found[messenger.input] += self._packed / messenger.half
        x = np.array(list(found.values())).reshape(len(found), -1)
        return np.asarray(x / (1.0 + x))


class _Makers:
    """Messengers that some cell of a site makes, with who makes how much.

    Parameters
    ----------
    hands
        The lanes.
    messengers
        Candidates.
    keep
        Kind that is kept although no cell makes it.
    """

    def __init__(self, hands: Hands, messengers: Sequence[Messenger], keep: str = "") -> None:
        amounts = {m.id: _amounts(hands, m) for m in messengers}
        self.messengers = [m for m in messengers if amounts[m.id].any() or m.kind == keep]
        self._amount = np.array([amounts[m.id] for m in self.messengers])
        self._places = np.array([_place(hands, m) for m in self.messengers], dtype=np.int64)

    def made(self, observed: Array) -> Array:
        """What every lane makes, shape ``(n_messengers, n_lanes)``."""
        if not self.messengers:
            return np.zeros((0, len(observed)))
        return np.asarray(self._amount * observed[:, self._places].T)


def _amounts(hands: Hands, messenger: Messenger) -> Array:
    """What each lane makes per activity of the messenger's node."""
    makes = np.array([messenger.made_by(cell) for cell in hands.cells])
    known = hands.columns.has(f"available.{messenger.node}")
    return makes * float(known) * (1.0 if messenger.amount is None else messenger.amount)


def _place(hands: Hands, messenger: Messenger) -> int:
    """Where the activity of a messenger's node is observed, or its basal secretion times that."""
    measured, active = f"measure.{messenger.node}", f"available.{messenger.node}"
    name = measured if messenger.amount is None and hands.columns.has(measured) else active
    return hands.columns.observed(name) if hands.columns.has(name) else 0
