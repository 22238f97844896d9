"""Gathers what the tables say about one entry of the vocabulary: ids, numbers and relations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from glutarium.knowledge.effectors import parse_effector
from glutarium.knowledge.equations import parse_equation, parse_genes, split_species
from glutarium.knowledge.neighbourhood import edge_text, neighbourhood, sensor_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.knowledge.evidence import Evidence
    from glutarium.knowledge.records import Modifier, Reaction
    from glutarium.names import Name

__all__ = ["Fact", "Relation", "gather"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A number with what it rests on.

    Attributes
    ----------
    label
        What it is the number of.
    value, low, high
        In `unit`; None where the table is silent.
    unit, basis, confidence, note
        As in the record.
    source
        BibTeX keys.
    """

    label: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    basis: str
    source: tuple[str, ...]
    confidence: str
    note: str

    def __str__(self) -> str:
        unit = "" if self.unit == "1" else f" {self.unit}"
        ends = [f"{x:g}" for x in (self.low, self.high) if x is not None]
        within = f" ({' to '.join(ends)})" if ends else ""
        grade = f", {self.confidence}" if self.confidence else ""
        number = "" if self.value is None else f"{self.value:g}"
        return (
            f"{self.label}: {number}{within}{unit} [{self.basis}, {'; '.join(self.source)}{grade}]"
        )


@dataclass(frozen=True, slots=True)
class Relation:
    """Something that a name stands in.

    Attributes
    ----------
    kind
        ``reaction``, ``modifier of``, ``drug``, ``process``, ``genotype``, ``senses``,
        ``regulated by`` or ``regulates``.
    name
        Its name.
    text
        What it does there: the equation, the mode of action.
    """

    kind: str
    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.text}"


Ids: TypeAlias = tuple[tuple[str, str], ...]
Gathered: TypeAlias = tuple[Ids, tuple[Fact, ...], tuple[Relation, ...]]


def gather(entry: Name, base: KnowledgeBase) -> Gathered:
    """Return ids, facts and relations of an entry; all empty for kinds without a table."""
    gatherer = _GATHERERS.get(entry.kind)
    ids, facts, relations = gatherer(entry.name, base) if gatherer else ((), (), ())
    # A reaction or genotype that is called like a gene is not the node of regulation; the gene is.
    alike = entry.kind in {"reaction", "genotype"} and entry.name in base.genes
    return ids, facts, (*relations, *(() if alike else _regulation(entry.name, base)))


def _regulation(name: str, base: KnowledgeBase) -> Iterator[Relation]:
    around = neighbourhood(name, base)
    for term in around.senses:
        yield Relation("senses", term.effector, sensor_text(term))
    for edge in around.incoming:
        yield Relation("regulated by", edge.regulator, edge_text(edge))
    for edge in around.outgoing:
        yield Relation("regulates", edge.target, edge_text(edge))


def _fact(label: str, record: Evidence) -> Fact:
    low, value, high = record.span
    return Fact(
        label,
        value,
        low,
        high,
        record.unit,
        record.basis,
        record.source,
        record.confidence,
        record.note,
    )


def _ids(*pairs: tuple[str, str]) -> Ids:
    return tuple((label, value) for label, value in pairs if value)


def _metabolite(name: str, base: KnowledgeBase) -> Gathered:
    row = next(row for row in base.metabolites if row.name == name)
    ids = _ids(
        ("id", row.id),
        ("formula", row.formula),
        ("charge", f"{row.charge:+g}" if row.charge else ""),
        ("ChEBI", row.chebi),
        ("KEGG", row.kegg),
        ("BiGG", row.bigg),
    )
    facts = [_fact(f"pool {p.species}", p) for p in base.pools if _of(p.species, row.id)]
    facts += [_fact(f"in {m.medium}", m) for m in base.media if _of(m.species, row.id)]
    facts += [
        _fact(f"{k.reaction} {k.parameter}", k)
        for k in base.kinetics
        if _of(k.parameter.partition(":")[2], row.id)
    ]
    taking_part = [
        r
        for r in base.reactions
        if any(_of(s, row.id) for s in parse_equation(r.equation).stoichiometry)
    ]
    relations = [_relation(r) for r in taking_part]
    relations += [
        _modifier(m)
        for m in base.modifiers
        if any(_of(species, row.id) for species in parse_effector(m.effector).species)
    ]
    return ids, tuple(facts), tuple(relations)


def _of(species: str, metabolite: str) -> bool:
    return "_" in species and split_species(species)[0] == metabolite


def _modifier(row: Modifier) -> Relation:
    return Relation("modifier of", row.reaction, f"{row.kind} by {row.effector}")


def _relation(reaction: Reaction) -> Relation:
    return Relation("reaction", reaction.id, reaction.equation)


def _gene(symbol: str, base: KnowledgeBase) -> Gathered:
    row = base.genes[symbol]
    catalysed = [r for r in base.reactions if symbol in _genes_of(r)]
    facts = [_fact(f"flux of {r.id}", base.fluxes[r.id]) for r in catalysed if r.id in base.fluxes]
    facts += [
        _fact(f"{k.reaction} {k.parameter}", k)
        for r in catalysed
        for k in base.kinetics.where("reaction", r.id)
    ]
    altered = base.alterations.where("gene", symbol)
    facts += [_fact(f"expression under {a.alteration}", a) for a in altered]
    drugs = base.drug_targets.where("target", symbol)
    relations = [_relation(r) for r in catalysed]
    relations += [_modifier(m) for r in catalysed for m in base.modifiers.where("reaction", r.id)]
    relations += [
        _modifier(m) for m in base.modifiers if symbol in parse_effector(m.effector).proteins
    ]
    relations += dict.fromkeys(Relation("drug", t.drug, t.mode) for t in drugs)
    relations += [
        Relation("genotype", a.alteration, f"expression times {a.fold:g}") for a in altered
    ]
    return _ids(("HGNC", row.hgnc), ("name", row.name)), tuple(facts), tuple(relations)


def _genes_of(reaction: Reaction) -> Iterable[str]:
    return (gene for isozyme in parse_genes(reaction.genes) for gene in isozyme.genes)


def _reaction(reaction_id: str, base: KnowledgeBase) -> Gathered:
    row = base.reactions[reaction_id]
    ids = _ids(
        ("name", row.name),
        ("equation", row.equation),
        ("genes", row.genes),
        ("EC", ", ".join(row.ec)),
        ("rate law", row.law),
        ("subsystem", row.subsystem),
        ("source", ", ".join(row.source)),
    )
    flux = base.fluxes.get(reaction_id)
    facts = [_fact("reference flux", flux)] if flux else []
    facts += [_fact(k.parameter, k) for k in base.kinetics.where("reaction", reaction_id)]
    effects = base.modifiers.where("reaction", reaction_id)
    facts += [_fact(f"{m.kind} by {m.effector}", m) for m in effects]
    genes = set(_genes_of(row))
    relations = [_modifier(m) for m in effects]
    relations += dict.fromkeys(
        Relation("drug", t.drug, f"{t.mode} on {t.target}")
        for t in base.drug_targets
        if t.target in genes
    )
    relations += [
        Relation("process", p.process, f"weight {p.weight:g}")
        for p in base.processes.where("reaction", reaction_id)
    ]
    return ids, tuple(facts), tuple(relations)


def _drug(name: str, base: KnowledgeBase) -> Gathered:
    row = base.drugs[name]
    targets = base.drug_targets.where("drug", name)
    facts = [
        _fact(" ".join(filter(None, (t.target, t.mode, t.parameter, t.alternative))), t)
        for t in targets
    ]
    hit = {t.target for t in targets}
    relations = [_relation(r) for r in base.reactions if hit & set(_genes_of(r))]
    ids = _ids(("ChEBI", row.chebi), ("source", ", ".join(row.source)))
    return ids, tuple(facts), tuple(relations)


def _medium(name: str, base: KnowledgeBase) -> Gathered:
    rows = base.media.where("medium", name)
    return (), tuple(_fact(row.species, row) for row in rows), ()


def _genotype(name: str, base: KnowledgeBase) -> Gathered:
    rows = base.alterations.where("alteration", name)
    return (), tuple(_fact(f"expression of {row.gene}", row) for row in rows), ()


def _process(name: str, base: KnowledgeBase) -> Gathered:
    shares = base.processes.where("process", name)
    relations = [_relation(base.reactions[share.reaction]) for share in shares]
    return (), (), tuple(relations)


_GATHERERS: Mapping[str, Callable[[str, KnowledgeBase], Gathered]] = {
    "metabolite": _metabolite,
    "gene": _gene,
    "reaction": _reaction,
    "drug": _drug,
    "medium": _medium,
    "genotype": _genotype,
    "process": _process,
}
