"""The last part of an observable: one small reader per shape of `glutarium.names.families`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from glutarium.errors import UnknownNameError
from glutarium.names.families import CARGO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from glutarium.errors import Location
    from glutarium.names.families import Family
    from glutarium.names.vocabulary import Name, Vocabulary

__all__ = ["PLACES", "Item", "Reader"]

PLACES = ("organ", "cell", "compartment")
"""Kinds of place in the body."""

_COMPARTMENTS = {
    "cytosol": "cytosol",
    "cytosolic": "cytosol",
    "mito": "mito",
    "mitochondria": "mito",
    "mitochondrial": "mito",
}
_FORMS = ("mRNA", "protein", "decay")
_POSITIONS = ("amide", "alpha")
_ELEMENTS = {
    "C": "C",
    "carbon": "C",
    "carbons": "C",
    "N": "N",
    "nitrogen": "N",
    "nitrogens": "N",
}
_WORDS = {"C": "carbon", "N": "nitrogen"}
_ATOMS = re.compile(rf"(.+)_({'|'.join(_ELEMENTS)})_from_(.+)")
_ISOTOPOLOGUE = re.compile(r"(.+)_([MCN])\+?(\d+)")


@dataclass(frozen=True, slots=True)
class Item:
    """What stands behind a family; the fields are those of `Observable`.

    Attributes
    ----------
    text
        Canonical spelling of the whole part.
    item, kind, compartment, other, form, element, position, count
        See `glutarium.names.observable.Observable`.
    """

    text: str
    item: str
    kind: str
    compartment: str = ""
    other: str = ""
    form: str = ""
    element: str = ""
    position: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the parts of one observable against the vocabulary.

    Attributes
    ----------
    vocabulary
        All names.
    location
        File and line for messages.
    """

    vocabulary: Vocabulary
    location: Location | None

    def read(self, family: Family, text: str) -> Item:
        """Read what follows a family; raises `UnknownNameError` where it does not fit."""
        return _SHAPES[family.shape](self, text, family.kinds)

    def item(self, text: str, kinds: Sequence[str]) -> Item:
        """Read one name of the given kinds."""
        entry = self.vocabulary.entry(text, kinds, location=self.location)
        return Item(entry.name, entry.name, entry.kind)

    def pool(self, text: str, kinds: Sequence[str]) -> Item:
        """Read a pool, ``aspartate`` or ``aspartate_mito``."""
        base, tail = self._known(text, kinds, tuple(_COMPARTMENTS))
        where = _COMPARTMENTS.get(tail, "")
        return Item(_join(base.name, where), base.name, base.kind, compartment=where)

    def form(self, text: str, kinds: Sequence[str]) -> Item:
        """Read a gene or node, with a form behind it where there is one (``ATF4_mRNA``)."""
        base, form = self._known(text, kinds, _FORMS)
        return Item(_join(base.name, form), base.name, base.kind, form=form)

    def ratio(self, text: str, kinds: Sequence[str]) -> Item:
        """Read ``<a>_<b>``, ``<a>_to_<b>`` or the name of a ratio of something else.

        A ratio of two pools may end in a compartment, ``NAD_NADH_mito``.
        """
        head, _, tail = text.rpartition("_")
        where = _COMPARTMENTS.get(tail, "")
        base = head if where else text
        named = self.vocabulary.find(base, "ratio")
        for left, right in _splits(base):
            a, b = (self.vocabulary.find(side, kinds) for side in (left, right))
            if a and b:
                name = named.name if named else f"{a.name}_{b.name}"
                return Item(_join(name, where), a.name, a.kind, where, b.name)
        return self.item(text, ("ratio",))

    def atoms(self, text: str, kinds: Sequence[str]) -> Item:
        """Read ``<product>_<element>_from_<donor>`` with an optional position in the donor."""
        found = _ATOMS.fullmatch(text)
        if found is None:
            raise self.malformed(
                text, "<product>_<element>_from_<donor>, e.g. UMP_N_from_aspartate"
            )
        product = self.vocabulary.entry(found[1], kinds, location=self.location)
        element = _ELEMENTS[found[2]]
        donor, position = self._known(found[3], kinds, _POSITIONS)
        name = f"{product.name}_{element}_from_{_join(donor.name, position)}"
        return Item(
            name, product.name, product.kind, other=donor.name, element=element, position=position
        )

    def label(self, text: str, kinds: Sequence[str]) -> Item:
        """Read an isotopologue, of one compartment or both, or a share that stems from the tracer."""
        if found := _ISOTOPOLOGUE.fullmatch(text):
            whole = self.pool(found[1], kinds)
            element = "" if found[2] == "M" else found[2]
            name = f"{whole.text}_{found[2]}{int(found[3])}"
            return replace(whole, text=name, element=element, count=int(found[3]))
        product, mark, donor = text.partition("_from_")
        if not mark:
            raise self.malformed(text, "<metabolite>_M<n> or <product>_from_<tracer metabolite>")
        base, word = self._known(product, kinds, tuple(_ELEMENTS))
        element = _ELEMENTS.get(word, "")
        if donor in _POSITIONS:
            other, position = "", donor
        else:
            entry, position = self._known(donor, kinds, _POSITIONS)
            other = entry.name
        name = f"{_join(base.name, _WORDS.get(element, ''))}_from_{_join(other, position)}"
        return Item(
            name, base.name, base.kind, other=other, element=element, position=position
        )  # fmt: skip

    def lag(self, text: str, kinds: Sequence[str]) -> Item:
        """Read ``<x>_after_<y>``."""
        first, mark, second = text.partition("_after_")
        if not mark:
            raise self.malformed(text, "<x>_after_<y>, e.g. fatty_acid_synthesis_after_glycolysis")
        late = self.vocabulary.entry(first, kinds, location=self.location)
        early = self.vocabulary.resolve(second, kinds, location=self.location)
        return Item(f"{late.name}_after_{early}", late.name, late.kind, other=early)

    def arrest(self, text: str, kinds: Sequence[str]) -> Item:
        """Read ``<phase>_arrest``, or ``arrest`` for any phase."""
        if text == "arrest":
            return Item(text, "", "")
        phase = self.vocabulary.entry(text.removesuffix("_arrest"), kinds, location=self.location)
        return Item(f"{phase.name}_arrest", phase.name, phase.kind)

    def place(self, text: str) -> str:
        """Read a place of the body: plasma, an organ or a cell."""
        return self.vocabulary.entry(
            text, PLACES, location=self.location, label="place of the body"
        ).name

    def body_ratio(self, text: str) -> tuple[str, Item]:
        """Read a ratio in the body: its place (or empty) and its item.

        ``<x>_<place>_to_<place>`` compares places, ``<place>_<a>_to_<b>`` compares two substances
        in one place; anything else must be a named ratio.
        """
        left, mark, right = text.partition("_to_")
        for head, tail in _splits(left) if mark else ():
            x, here = self.vocabulary.find(head, CARGO), self.vocabulary.find(tail, PLACES)
            there = self.vocabulary.find(right, PLACES)
            if x and here and there:
                name = f"{x.name}_{here.name}_to_{there.name}"
                return here.name, Item(name, x.name, x.kind, other=there.name)
            where, a = self.vocabulary.find(head, PLACES), self.vocabulary.find(tail, CARGO)
            b = self.vocabulary.find(right, CARGO)
            if where and a and b:
                name = f"{where.name}_{a.name}_to_{b.name}"
                return where.name, Item(name, a.name, a.kind, other=b.name)
        return "", self.item(text, ("ratio",))

    def malformed(self, text: str, pattern: str) -> UnknownNameError:
        """Return the error for a part that does not follow its pattern."""
        return UnknownNameError(text, "observable", (pattern,), location=self.location)

    def _known(self, text: str, kinds: Sequence[str], tails: Sequence[str]) -> tuple[Name, str]:
        """Find a name whole, or else in front of ``_tail``; raises where neither is known."""
        whole = self.vocabulary.find(text, kinds)
        head, mark, tail = text.rpartition("_")
        if whole is None and mark and tail in tails:
            return self.vocabulary.entry(head, kinds, location=self.location), tail
        if whole is None:
            whole = self.vocabulary.entry(text, kinds, location=self.location)
        return whole, ""


def _join(*parts: str) -> str:
    return "_".join(filter(None, parts))


def _splits(text: str) -> Iterator[tuple[str, str]]:
    """All ways to part a text in two, at ``_to_`` first, then at each underscore."""
    left, mark, right = text.partition("_to_")
    if mark:
        yield left, right
    for found in re.finditer("_", text):
        yield text[: found.start()], text[found.end() :]


_SHAPES: Mapping[str, Callable[[Reader, str, Sequence[str]], Item]] = {
    "item": Reader.item,
    "pool": Reader.pool,
    "form": Reader.form,
    "ratio": Reader.ratio,
    "atoms": Reader.atoms,
    "label": Reader.label,
    "lag": Reader.lag,
    "arrest": Reader.arrest,
}
