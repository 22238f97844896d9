"""Observables: dotted names of what is read out, taken apart and made canonical.

``tumour.pool.Gln_cytosol`` becomes cell ``tumour``, family ``pool``, item ``glutamine``,
compartment ``cytosol``. This module knows the grammar; `glutarium.names.families` lists the
families and the vocabulary says which names there are.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from glutarium.errors import UnknownNameError
from glutarium.names.families import CARGO, families
from glutarium.names.items import Item, Reader
from glutarium.names.vocabulary import CONDITION_KINDS

if TYPE_CHECKING:
    from glutarium.errors import Location
    from glutarium.names.vocabulary import Vocabulary

__all__ = ["NO_ALTERATION", "Observable"]

NO_ALTERATION = "none"
"""A clone without an alteration of its own."""
_LABEL = "label."
_REGIONS = ("core", "edge")
_MICROMOLAR = ("drug", "factor", "gene")
_ORGAN_FAMILIES = ("rank", "fraction")
_UNITS = {"tumour_volume": "mm3", "pH": "pH", "demand": "mmol/h"}


@dataclass(frozen=True, slots=True)
class Observable:
    """A parsed observable; all names are canonical.

    Attributes
    ----------
    name
        Canonical dotted name; two spellings of one observable have the same.
    system
        ``cell``, ``medium``, ``tissue``, ``body``, or ``sample`` for all cells of a place together.
    place
        The cell; ``core`` or ``edge`` of a tissue (empty: all of it); plasma or an organ of the
        body.
    family
        ``pool``, ``flux``, ``growth_rate``, …; ``concentration`` in medium, tissue and body; the
        name of an index such as ``tumour_volume``.
    item
        What the family is asked about; empty where it takes nothing. For ``ratio`` the numerator
        (or the name of a ratio that is not one of two pools).
    kind
        Kind of the item in the vocabulary.
    compartment
        ``cytosol`` or ``mito`` for one compartment of a pool.
    other
        Second name: denominator, donor, tracer metabolite, reference process, second place.
    form
        Suffix of the item: ``mRNA``, ``protein``, ``decay``.
    element
        ``C`` or ``N`` for atoms and labels that count one element.
    position
        ``amide`` or ``alpha``: atom position in the donor.
    count
        Number of labelled atoms of an isotopologue.
    clone
        Part of the cell's population, ``tumour[MYC]``; empty for all of it.
    """

    name: str
    system: str
    place: str
    family: str
    item: str = ""
    kind: str = ""
    compartment: str = ""
    other: str = ""
    form: str = ""
    element: str = ""
    position: str = ""
    count: int | None = None
    clone: str = ""

    def __str__(self) -> str:
        return self.name

    @property
    def unit(self) -> str:
        """Unit of the values."""
        if self.system == "cell":
            return families()[self.family].unit
        if self.family == "concentration":
            return "uM" if self.kind in _MICROMOLAR else "mM"
        return _UNITS.get(self.family, "1")

    @classmethod
    def parse(
        cls, text: str, vocabulary: Vocabulary, *, location: Location | None = None
    ) -> Observable:
        """Read a dotted name.

        Parameters
        ----------
        text
            Name as a user wrote it; every part may be a synonym.
        vocabulary
            All names.
        location
            File and line for messages.

        Raises
        ------
        UnknownNameError
            The system, cell, family or item is unknown, or a part is missing or too many.
        """
        reader = Reader(vocabulary, location)
        first, _, rest = text.strip().partition(".")
        elsewhere = _SYSTEMS.get(first)
        if elsewhere is None:
            return _cell(reader, first, rest)
        if not rest:
            raise reader.malformed(text, f"{first}.<name>")
        return elsewhere(reader, rest)


def _build(place: tuple[str, str], family: str, parts: tuple[str, ...], item: Item) -> Observable:
    """Make the observable of a (system, place); `parts` spell its canonical name."""
    return Observable(
        ".".join(filter(None, parts)),
        *place,
        family,
        item.item,
        item.kind,
        item.compartment,
        item.other,
        item.form,
        item.element,
        item.position,
        item.count,
    )


def _cell(reader: Reader, first: str, rest: str) -> Observable:
    cell, clone = _find_part(reader, first)
    if not rest:
        raise reader.malformed(first, f"{cell}.<family>")
    name, _, tail = rest.partition(".")
    family = families().get(name)
    if family is None:
        near = difflib.get_close_matches(name, families(), 5, 0.5) or list(families())[:5]
        raise UnknownNameError(name, "family of observables", near, location=reader.location)
    if bool(tail) != (family.shape != "none"):
        written = f"{first}.{rest}"
        raise reader.malformed(written, family.pattern.replace("<cell>", cell))
    item = reader.read(family, tail) if tail else _NOTHING
    whole = f"{cell}[{clone}]" if clone else cell
    found = _build(("cell", cell), family.name, (whole, family.name, item.text), item)
    return replace(found, clone=clone)


def _find_part(reader: Reader, text: str) -> tuple[str, str]:
    """A cell, and the clone of it that is named in brackets."""
    cell, bracket, clone = text.partition("[")
    found = _find_cell(reader, cell)
    if not bracket:
        return found, ""
    if not clone.endswith("]"):
        raise reader.malformed(text, f"{found}[<genotype>].<family>")
    name = clone.removesuffix("]")
    if name == NO_ALTERATION:
        return found, name
    kinds = CONDITION_KINDS["genotype"]
    return found, reader.vocabulary.resolve(name, kinds, location=reader.location)


def _find_cell(reader: Reader, text: str) -> str:
    kinds = CONDITION_KINDS["cells"]
    found = reader.vocabulary.find(text, kinds)
    if found is None:
        near = (*reader.vocabulary.closest(text, kinds), *_SYSTEMS)[:5]
        raise UnknownNameError(text, "cell or system", near, location=reader.location)
    return found.name


def _medium(reader: Reader, rest: str) -> Observable:
    if rest.startswith(_LABEL):
        return _labelled(reader, "medium", rest)
    item = reader.item(rest, CARGO)
    return _build(("medium", "medium"), "concentration", ("medium", item.text), item)


def _labelled(reader: Reader, system: str, rest: str) -> Observable:
    """A label in what cells share: their medium, or a sample of all of them."""
    family = families()["label"]
    item = reader.read(family, rest.removeprefix(_LABEL))
    return _build((system, system), family.name, (system, family.name, item.text), item)


def _sample(reader: Reader, rest: str) -> Observable:
    if not rest.startswith(_LABEL):
        written = f"sample.{rest}"
        raise reader.malformed(written, "sample.label.<metabolite>_M<n>")
    return _labelled(reader, "sample", rest)


def _tissue(reader: Reader, rest: str) -> Observable:
    if rest.startswith(_LABEL):
        return _labelled(reader, "tissue", rest)
    head, dot, tail = rest.partition(".")
    if head == "fraction" and dot:
        item = reader.item(tail, ("cell", "organ", "clone"))
        return _build(("tissue", ""), "fraction", ("tissue", head, item.text), item)
    region, text = (head, tail) if head in _REGIONS and dot else ("", rest)
    item = reader.item(text, ("index", *CARGO))
    parts = ("tissue", region, item.text)
    if item.kind == "index":
        return _build(("tissue", region), item.item, parts, _NOTHING)
    return _build(("tissue", region), "concentration", parts, item)


def _body(reader: Reader, rest: str) -> Observable:
    head, _, tail = rest.partition(".")
    if head == "demand":
        item = reader.item(tail, CARGO)
        return _build(("body", ""), head, ("body", head, item.text), item)
    if head == "ratio":
        place, item = reader.body_ratio(tail)
        return _build(("body", place), head, ("body", head, item.text), item)
    if not tail and head.endswith("_injury"):
        place = reader.place(head.removesuffix("_injury"))
        return _build(("body", place), "injury", ("body", f"{place}_injury"), _NOTHING)
    return _organ(reader, reader.place(head), tail)


def _organ(reader: Reader, place: str, rest: str) -> Observable:
    family, _, tail = rest.partition(".")
    if family in _ORGAN_FAMILIES and tail:
        item = reader.item(tail, CARGO)
        return _build(("body", place), family, ("body", place, family, item.text), item)
    if not rest:
        written = f"body.{place}"
        raise reader.malformed(written, f"{written}.<name>")
    item = reader.item(rest, CARGO)
    return _build(("body", place), "concentration", ("body", place, item.text), item)


_NOTHING = Item("", "", "")
_SYSTEMS = {"tissue": _tissue, "body": _body, "medium": _medium, "sample": _sample}
