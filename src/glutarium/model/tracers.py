"""Tracers: which atoms of which nutrient carry a heavy isotope.

Names are written as the field does: ``U-13C-glutamine``, ``1,2-13C-glucose``, ``amide-15N-glutamine``,
``U-13C15N-glutamine``. Several at once are joined by ``" + "``; a number before a name is the labelled
share of the nutrient (``0.5 U-13C-glucose + 0.5 1-13C-glucose``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.errors import ModelError
from glutarium.knowledge.tables import parse_tables
from glutarium.model.atoms import ELEMENTS, Division
from glutarium.model.residues import metabolite_of

if TYPE_CHECKING:
    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.atommaps import AtomMaps

__all__ = ["JOINT", "Tracer", "looks_like_tracer", "nitrogen_place", "read_tracers"]

JOINT = " + "
UNIFORM = "U"
_NAME = re.compile(
    r"(?:(?P<place>U|alpha|amino|amide|\d+(?:,\d+)*)-)?(?P<isotopes>13C-?15N|13C|15N)-(?P<name>.+)"
)
_PART = re.compile(r"(?:(?P<share>\d*\.?\d+)\s+)?(?P<tracer>\S.*)")
_ISOTOPES = {"13C": "C", "15N": "N"}
_PLACES = {"alpha": "amino", "amino": "amino", "amide": "amide"}


@dataclass(frozen=True, slots=True)
class Tracer:
    """A labelled nutrient.

    Attributes
    ----------
    name
        As it was written.
    metabolite
        Id of the nutrient.
    atoms
        Labelled atoms of its molecule.
    share
        Labelled share of the nutrient.
    purity
        Probability that a labelled atom is heavy.
    """

    name: str
    metabolite: str
    atoms: tuple[int, ...]
    share: float = 1.0
    purity: float = 1.0


def looks_like_tracer(text: str) -> tuple[str, str] | None:
    """Isotopes with their places, and the nutrient, of a text that is written like a tracer."""
    found = _NAME.fullmatch(text.strip())
    return None if found is None else (text[: found.start("name")], found["name"])


def read_tracers(text: str, base: KnowledgeBase, maps: AtomMaps) -> tuple[Tracer, ...]:
    """Read what a study says of its tracers.

    Parameters
    ----------
    text
        One name or several, see the module's docstring; empty for none.
    base
        Names of metabolites, and the order of nitrogens that have names.
    maps
        Atoms of every pool.

    Raises
    ------
    ModelError
        A name that cannot be read, an atom that the molecule lacks, or shares above one.
    """
    parts = [_PART.fullmatch(p.strip()) for p in text.split(JOINT)] if text else []
    tracers = tuple(
        _tracer(found["tracer"], float(found["share"] or 1.0), base, maps)
        for found in parts
        if found is not None
    )
    mixed = {
        t.metabolite: sum(o.share for o in tracers if o.metabolite == t.metabolite) for t in tracers
    }
    for tracer in tracers:
        several = sum(t.metabolite == tracer.metabolite for t in tracers) > 1
        if mixed[tracer.metabolite] > 1.0 + 1e-9 or tracer.share <= 0.0:
            hint = "; give each its share, as 0.5 U-13C-glucose" if several else ""
            message = (
                f"Shares of the tracers of {tracer.metabolite} add up to "
                f"{mixed[tracer.metabolite]:g}, allowed is above 0 and up to 1{hint}"
            )
            raise ModelError(message)
    return tracers


def _tracer(text: str, share: float, base: KnowledgeBase, maps: AtomMaps) -> Tracer:
    found = _NAME.fullmatch(text)
    if found is None:
        message = f"Cannot read tracer {text!r}; write like U-13C-glutamine or amide-15N-glutamine"
        raise ModelError(message)
    ids = [m.id for m in base.metabolites if found["name"] in {m.name, m.id}]
    pools = [p for p in maps.elements if ids and metabolite_of(p.partition("/")[0]) == ids[0]]
    if not pools:
        message = f"Tracer {text!r}: the network follows no atoms of {found['name']!r}"
        raise ModelError(message)
    elements = maps.elements[pools[0]]
    atoms: list[int] = []
    for isotope, element in _ISOTOPES.items():
        if isotope in found["isotopes"]:
            place = found["place"] or UNIFORM
            atoms += _places(text, place, element, (ids[0], elements), base)
    return Tracer(text, ids[0], tuple(sorted(atoms)), share)


def _places(
    text: str, place: str, element: str, molecule: tuple[str, str], base: KnowledgeBase
) -> list[int]:
    metabolite, elements = molecule
    own = [i for i, e in enumerate(elements) if e == element]
    if place == UNIFORM and own:
        return own
    if place in _PLACES and element == "N":
        return [nitrogen_place(metabolite, place, elements, base, text)]
    if place in _PLACES and own:
        return own  # the word is about the nitrogen
    wanted = [] if place == UNIFORM else [int(p) - 1 for p in place.split(",")]
    wrong = [p for p in wanted if not 0 <= p < len(own)]
    if wrong or not own:
        atom = f"{ELEMENTS[element]} {wrong[0] + 1}" if wrong else f"no {ELEMENTS[element]}"
        message = (
            f"Tracer {text!r} labels {atom}, but {base.metabolites[metabolite].name} has "
            f"{len(own)} atoms of {ELEMENTS[element]} that are followed; name one of them, or U for all"
        )
        raise ModelError(message)
    return [own[p] for p in wanted]


def nitrogen_place(
    metabolite: str, place: str, elements: str, base: KnowledgeBase, text: str
) -> int:
    """Place of a nitrogen that has a name (``amide``, ``alpha``) in a molecule.

    Raises
    ------
    ModelError
        The molecule has none of this name.
    """
    own = [i for i, e in enumerate(elements) if e == "N"]
    name = _PLACES[place]
    names = _nitrogens(metabolite, base)
    if name in names:
        return own[names.index(name)]
    if name == "amino" and len(own) == 1:
        return own[0]
    message = (
        f"{text!r}: {base.metabolites[metabolite].name} has no {place} nitrogen; it has "
        f"{', '.join(names) or len(own)}"
    )
    raise ModelError(message)


def _nitrogens(metabolite: str, base: KnowledgeBase) -> list[str]:
    rows, _ = parse_tables(base.paths(Division.TABLE), Division)
    found = [r.parts for r in rows if r.key == (metabolite, "N")]
    return [part.partition(":")[0] for part in found[0]] if found else []
