"""What is asked of labels, and which label of an arm counts for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from glutarium.errors import ModelError
from glutarium.model.residues import metabolite_of
from glutarium.model.tracers import nitrogen_place, read_tracers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.atommaps import AtomMaps
    from glutarium.model.tracers import Tracer
    from glutarium.simulate.plan import ArmPlan, Phase

__all__ = ["Chooser", "LabelRequest", "View"]


@dataclass(frozen=True)
class LabelRequest:
    """What is asked of labels.

    Attributes
    ----------
    pools
        Pools of the product; read together, by their amounts.
    weights
        Fixed weights of the pools in place of their amounts; empty for amounts.
    count
        Number of labelled atoms of an isotopologue; None for a share of atoms.
    element
        ``C`` or ``N``; empty for all that the tracers label.
    donor
        Metabolite that the label stems from; empty for any tracer.
    position
        ``amide`` or ``alpha``: only this nitrogen of the donor counts; empty for all its atoms.
    where
        ``medium``: of the place; ``sample``: of all cells of the place; empty: of one cell.
    """

    pools: tuple[str, ...]
    weights: tuple[float, ...] = ()
    count: int | None = None
    element: str = ""
    donor: str = ""
    position: str = ""
    where: str = ""

    @cached_property
    def alike(self) -> LabelRequest:
        """The request that all isotopologues of a molecule share."""
        return self if self.count is None else replace(self, count=0)


@dataclass(frozen=True, eq=False)
class View:
    """Label that counts: requests of one view can be answered together.

    Views of one :class:`Chooser` that count the same are the same object.

    Attributes
    ----------
    tracers
        Tracers with the atoms that count.
    elements
        Elements that are followed.
    via
        Metabolite that the label has to come by way of; empty for any way.
    natural
        Whether what no tracer labels is heavy by its natural abundance.
    """

    tracers: tuple[Tracer, ...]
    elements: frozenset[str]
    via: str = ""
    natural: bool = False


class Chooser:
    """Says what counts.

    Parameters
    ----------
    base
        Names of metabolites and of nitrogens.
    maps
        Atoms of every pool.
    """

    def __init__(self, base: KnowledgeBase, maps: AtomMaps) -> None:
        self._base, self._maps = base, maps
        self._read: dict[str, tuple[Tracer, ...]] = {}
        self._elements: dict[str, str] = {}
        self._views: dict[tuple[object, ...], View] = {}
        self._alike: dict[tuple[object, ...], View] = {}
        for pool, elements in maps.elements.items():
            self._elements.setdefault(metabolite_of(pool.partition("/")[0]), elements)

    def tracers(self, text: str) -> tuple[Tracer, ...]:
        """Read what a study says of its tracers; raises where a molecule lacks the atom."""
        if text not in self._read:
            self._read[text] = read_tracers(text, self._base, self._maps)
        return self._read[text]

    def view(self, request: LabelRequest, plan: ArmPlan) -> View:
        """What counts in an arm; without tracers where it has none that fits."""
        texts = (phase.tracer for phase in plan.phases)
        natural = plan.natural_abundance and request.count is not None
        purity = plan.tracer_purity
        key = (request.element, request.donor, request.position, natural, purity, *texts)
        if key not in self._views:
            view = replace(self._choose(request, plan), natural=natural)
            counts = view.tracers, view.elements, view.via, view.natural
            self._views[key] = self._alike.setdefault(counts, view)
        return self._views[key]

    def _choose(self, request: LabelRequest, plan: ArmPlan) -> View:
        found: dict[str, Tracer] = {}
        for phase in plan.phases:
            for tracer in self.tracers(phase.tracer):
                kept = self._restricted(tracer, request)
                if kept.atoms:
                    found[tracer.name] = replace(kept, purity=plan.tracer_purity)
        own = tuple(t for t in found.values() if t.metabolite == request.donor)
        chosen = own or tuple(found.values())
        via = "" if own else request.donor
        return View(chosen, self._followed(request, chosen), via)

    def marked(self, view: View, phase: Phase) -> tuple[Tracer, ...]:
        """Tracers of a phase, with the atoms that count."""
        counted = {t.name: t for t in view.tracers}
        own = ((t, counted[t.name]) for t in self.tracers(phase.tracer) if t.name in counted)
        return tuple(replace(t, atoms=kept.atoms, purity=kept.purity) for t, kept in own)

    def _restricted(self, tracer: Tracer, request: LabelRequest) -> Tracer:
        """The tracer with only the atom that is asked for, and of the element that is asked for."""
        elements = self._elements[tracer.metabolite]
        atoms = tracer.atoms
        if request.position and request.donor in {"", tracer.metabolite}:
            place = self._place(tracer, request.position, elements)
            atoms = tuple(a for a in atoms if a == place)
        if request.element:
            atoms = tuple(a for a in atoms if elements[a] == request.element)
        return replace(tracer, atoms=atoms)

    def _place(self, tracer: Tracer, position: str, elements: str) -> int | None:
        """Place of a named nitrogen; None where the nutrient has none of this name."""
        try:
            return nitrogen_place(tracer.metabolite, position, elements, self._base, tracer.name)
        except ModelError:
            return None

    def _followed(self, request: LabelRequest, tracers: Sequence[Tracer]) -> frozenset[str]:
        if request.element:
            return frozenset({request.element})
        return frozenset(self._elements[t.metabolite][atom] for t in tracers for atom in t.atoms)
