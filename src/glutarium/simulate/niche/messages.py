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
    from glutarium.model.niche import Influence, Messenger, Niche
    from glutarium.simulate.niche.bed import Bed
    from glutarium.simulate.niche.hands import Hands
    from glutarium.simulate.niche.populations import Populations

__all__ = ["Messages"]

Acting = tuple[int, "tuple[Influence, ...]"]
"""Position of a messenger, and what acts on it."""
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
        others = (hands.zone[:, None] == hands.zone) & (kinds[:, None] != kinds)
        self._others = others.T.astype(float)
        self._together = (hands.zone[:, None] == hands.zone).astype(float)
        self._makes = self._contacts.amount > 0.0
        self._reach = _reach(self._contacts.messengers)
        each = np.array(list(dict.fromkeys(hands.cells)))
        self._of_kind = (kinds[:, None] == each).astype(float)
        self._sent = np.zeros((len(self._lasting.messengers), len(each)))
        self._pressure = np.zeros((len(self._contacts.messengers), len(hands.cells)))
        per_hour = convert(1.0, "fmol/pg", "mmol/g") * convert(1.0, "mM", "nM")
        self._per_mass = per_hour / hands.dry_mass
        read = [*self._contacts.messengers, *self._lasting.messengers, *self._packing]
        self.read = tuple(dict.fromkeys(m.input for m in read if m.input))
        kept = (self._contacts.messengers, self._lasting.messengers, self._packing)
        self._filling = [self._weights(messengers) for messengers in kept]
        self._strangers = (1.0 - self._of_kind).T
        lasting = self._lasting.messengers
        self._decay = np.array([math.log(2.0) / m.half_life for m in lasting])
        self._matrix = [i for i, m in enumerate(lasting) if m.kind == MATRIX]
        self._shown = self._acting("release", self._contacts.messengers)
        self._released, self._removed = (self._acting(p, lasting) for p in ("release", "removal"))
        self._adrift = [(i, m.id) for i, m in enumerate(lasting) if m.kind != MATRIX]
        self._touching = [m.id for m in self._contacts.messengers]
        self._fills = self._filling[2].sum(axis=1, keepdims=True)

    def _acting(self, process: str, messengers: Sequence[Messenger]) -> list[Acting]:
        """Positions of those on whose process something acts, with what does."""
        edges = ((i, self._niche.onto(m.id, process)) for i, m in enumerate(messengers))
        return [(i, acting) for i, acting in edges if acting]

    def _weights(self, messengers: Sequence[Messenger]) -> Array:
        """How far one unit of every messenger fills each input, shape ``(n_inputs, n_messengers)``."""
        weights = np.zeros((len(self.read), len(messengers)))
        for i, m in enumerate(messengers):
            if m.input:
                weights[self.read.index(m.input), i] = 1.0 / m.half
        return weights

    def touch(self, observed: Array, populations: Populations, bed: Bed) -> None:
        """Contacts and packing, which follow at once."""
        shares = populations.shares
        shown = self._contacts.made(observed)
        for i, edges in self._shown:
            shown[i] *= _factor(edges, bed)
        self._pressure = (shown * self._met(shares)) @ self._others
        means = self._pressure @ shares
        self.level.update(zip(self._touching, means.tolist(), strict=True))
        self._packed = np.bincount(self._hands.zone, populations.density)[self._hands.zone]
        for messenger in self._packing:
            self.level[messenger.id] = float(self._packed @ shares / shares.sum())

    def _met(self, shares: Array) -> Array:
        """How much of its contacts a cell has with each lane, shape ``(n_contacts, n_lanes)``.

        By its share of the zone, or, where receivers move and look for makers, by the share of their time
        that they spend with one rather than on the way: all makers of a zone together shorten the way.
        """
        of_makers = (self._makes * shares) @ self._together
        return np.asarray((1.0 + self._reach) / (1.0 + self._reach * of_makers) * shares)

    def advance(self, hours: float, observed: Array, populations: Populations, bed: Bed) -> None:
        """Let hours pass for all that lasts."""
        room = populations.room
        weights = (room / room.sum())[self._hands.zone]
        self._spread(hours, self._lasting.made(observed), weights, populations, bed)

    def _spread(
        self, hours: float, made: Array, weights: Array, populations: Populations, bed: Bed
    ) -> None:
        """Towards the balance of release and loss."""
        released = (made * (populations.density * self._per_mass * weights)) @ self._of_kind
        more, loss = self._more(bed), self._decay.copy()
        for i, edges in self._removed:
            loss[i] *= _factor(edges, bed)
        for i in self._matrix:
            added = 1.0 + float(made[i] @ (populations.shares * weights)) * float(more[i])
            settled, name = self._decay[i] * added / loss[i], self._lasting.messengers[i].id
            left = math.exp(-loss[i] * hours)
            self.level[name] = float(settled + (self.level[name] - settled) * left)
        loss += bed.washout if self._tissue else 0.0
        balance = released * (more / loss)[:, None]
        self._sent = balance + (self._sent - balance) * np.exp(-loss * hours)[:, None]
        self._sent[self._matrix] = 0.0
        sent = self._sent.sum(axis=1).tolist()
        self.level.update((name, sent[i]) for i, name in self._adrift)

    def _more(self, bed: Bed) -> Array:
        """Factors on the release of all that last."""
        factors = np.ones(len(self._decay))
        for i, edges in self._released:
            factors[i] = _factor(edges, bed)
        return factors

    def filled(self) -> Array:
        """How far each lane's receptors of the inputs ``read`` are filled, shape ``(n_inputs, n_lanes)``."""
        of_contacts, of_others, _ = self._filling
        x = of_contacts @ self._pressure + of_others @ (self._sent @ self._strangers)
        x += self._fills * self._packed
        return np.asarray(x / (1.0 + x))


def _reach(messengers: Sequence[Messenger]) -> Array:
    """What searching adds to contact with rare makers; zero where nobody searches, shape ``(n, 1)``."""
    return np.array([[1.0 / m.search if m.search else 0.0] for m in messengers]).reshape(-1, 1)


def _factor(edges: Sequence[Influence], bed: Bed) -> float:
    """Product of what acts on a process."""
    factor = 1.0
    for influence in edges:
        factor *= influence.factor(bed.sense(influence.regulator))
    return factor


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

    Attributes
    ----------
    messengers
        Those that some cell makes, and those that are kept.
    amount
        What each lane makes of them per activity of their node, shape ``(n_messengers, n_lanes)``.
    """

    def __init__(self, hands: Hands, messengers: Sequence[Messenger], keep: str = "") -> None:
        amounts = {m.id: _amounts(hands, m) for m in messengers}
        self.messengers = [m for m in messengers if amounts[m.id].any() or m.kind == keep]
        self.amount = np.array([amounts[m.id] for m in self.messengers]).reshape(
            -1, len(hands.cells)
        )
        self._places = np.array([_place(hands, m) for m in self.messengers], dtype=np.int64)

    def made(self, observed: Array) -> Array:
        """What every lane makes, shape ``(n_messengers, n_lanes)``."""
        if not self.messengers:
            return np.zeros((0, len(observed)))
        return np.asarray(self.amount * observed[:, self._places].T)


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
