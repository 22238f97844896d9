"""Checks the tables: numbers have unit, source and basis, names exist, reactions are balanced.

A check returns findings instead of raising, so that one look shows all that is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from glutarium.errors import GlutariumError, KnowledgeError, Location
from glutarium.knowledge import niche_rules
from glutarium.knowledge import records as rec
from glutarium.knowledge import regulation_rules as rules
from glutarium.knowledge.balance import imbalance
from glutarium.knowledge.effectors import parse_effector
from glutarium.knowledge.equations import parse_equation, parse_formula, parse_genes, split_species
from glutarium.knowledge.evidence import AnyRecord, Evidence, Record
from glutarium.knowledge.tables import parse_tables
from glutarium.knowledge.vocabulary import build_vocabulary
from glutarium.names import Observable
from glutarium.units import has_dimension, is_unit

if TYPE_CHECKING:
    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.names import Vocabulary

__all__ = ["Finding", "check"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes
    ----------
    location
        File and line.
    message
        What is wrong and what was allowed.
    """

    location: Location
    message: str

    def __str__(self) -> str:
        return f"{self.location}: {self.message}"


Tables: TypeAlias = dict[type[Record], tuple[Record, ...]]
Check: TypeAlias = Callable[["_Knowledge"], Iterator[Finding]]

_TARGET_KINDS = ("gene", "handle", "node", "process", "reaction", "metabolite", "stimulus")
_UNIT_DIMENSIONS: dict[type[Record], tuple[str, ...]] = {
    rec.Pool: ("concentration", "content"),
    rec.ReferenceFlux: ("flux",),
    rec.MediumEntry: ("concentration",),
    rec.Alteration: ("fold",),
    rec.CellProfile: ("fold",),
    rec.ExpressionFold: ("fold",),
}
_KM = "km:"
_MODULAR = "modular"
_NO_MATTER = "_x"
_GENE_GROUPS = ("gene", "marker")
_CELL_GROUPS = ("lineage", "differentiation")
_SHARED_SPELLINGS = ("gene", "reaction")


def check(
    base: KnowledgeBase, record_types: Collection[type[Record]] = rec.RECORDS
) -> list[Finding]:
    """Check tables of a knowledge base.

    Parameters
    ----------
    base
        The tables; they are read anew, row by row, so that bad rows do not hide others.
    record_types
        Which tables; what they refer to is looked up in the others. Names, groups and the screen are
        looked at only where all tables are checked.

    Returns
    -------
    list of Finding
        Empty where all is well; in the order of tables and lines otherwise.
    """
    tables: Tables = {}
    findings: list[Finding] = []
    for record_type in record_types:
        tables[record_type], errors = _rows(base, record_type)
        findings += errors
    knowledge = _Knowledge(base, tables)
    whole = set(record_types) == set(rec.RECORDS)
    for step in (*_CHECKS, *(_CHECKS_OF_THE_WHOLE if whole else ())):
        findings += step(knowledge)
    return sorted(findings, key=lambda found: (str(found.location.path), found.location.line or 0))


class _Knowledge:
    """The rows of the tables that are checked and the sets of what exists."""

    def __init__(self, base: KnowledgeBase, tables: Tables) -> None:
        self.base = base
        self.tables = tables
        self.metabolites = {row.id: row for row in self.rows(rec.Metabolite)}
        self.reactions = {row.id: row for row in self.rows(rec.Reaction)}
        self.claims = {row.id for row in self.rows(rec.Claim)}
        self.genes = {row.symbol for row in self.rows(rec.Gene)}

    def rows(self, record_type: type[AnyRecord]) -> tuple[AnyRecord, ...]:
        """Rows of one table, whether it is checked or only referred to."""
        if record_type not in self.tables:
            return parse_tables(self.base.paths(record_type.TABLE), record_type)[0]
        return tuple(row for row in self.tables[record_type] if isinstance(row, record_type))

    def all_rows(self) -> Iterator[Record]:
        """Rows of all tables that are checked."""
        for rows in self.tables.values():
            yield from rows


def _rows(
    base: KnowledgeBase, record_type: type[Record]
) -> tuple[tuple[Record, ...], list[Finding]]:
    table = Location(base.path(record_type.TABLE))
    rows, errors = parse_tables(base.paths(record_type.TABLE), record_type)
    return rows, [_from_error(error, table) for error in errors]


def _from_error(error: GlutariumError, otherwise: Location) -> Finding:
    return Finding(error.location or otherwise, error.message)


def _duplicates(knowledge: _Knowledge) -> Iterator[Finding]:
    for rows in knowledge.tables.values():
        seen: dict[tuple[str, ...], Record] = {}
        for row in rows:
            if row.key in seen:
                yield _at(
                    row, f"{row.label!r} stands already in {seen[row.key].location}; keep one"
                )
            seen.setdefault(row.key, row)


def _units(knowledge: _Knowledge) -> Iterator[Finding]:
    for row in knowledge.all_rows():
        if not isinstance(row, Evidence):
            continue
        wanted = _dimensions(row)
        if not is_unit(row.unit):
            yield _at(row, f"{row.label!r} has unit {row.unit!r}, which is unknown")
        elif wanted and not any(has_dimension(row.unit, dimension) for dimension in wanted):
            yield _at(row, f"{row.label!r} has unit {row.unit!r}: must be a {' or '.join(wanted)}")


def _dimensions(row: Evidence) -> tuple[str, ...]:
    """Return what the unit of a record must measure; nothing where the table says it itself."""
    if isinstance(row, rec.KineticConstant) and row.parameter.startswith(_KM):
        return _UNIT_DIMENSIONS[rec.Pool]
    if isinstance(row, rec.Pool) and row.species.endswith(_NO_MATTER):
        return ()
    return _UNIT_DIMENSIONS.get(type(row), ())


def _sources(knowledge: _Knowledge) -> Iterator[Finding]:
    try:
        known = knowledge.base.sources
    except KnowledgeError as error:
        yield _from_error(error, Location(knowledge.base.bibliography))
        return
    for row in knowledge.all_rows():
        cited = (row.review,) if isinstance(row, rec.Claim) else getattr(row, "source", ())
        for key in cited:
            if key not in known:
                yield _at(row, f"{row.label!r} cites {key!r}, which sources.bib does not have")


def _claims(knowledge: _Knowledge) -> Iterator[Finding]:
    for row in knowledge.all_rows():
        for claim in getattr(row, "claims", ()):
            if claim not in knowledge.claims:
                yield _at(row, f"{row.label!r} rests on claim {claim!r}, which does not exist")


def _formulas(knowledge: _Knowledge) -> Iterator[Finding]:
    for row in knowledge.rows(rec.Metabolite):
        try:
            parse_formula(row.formula)
        except KnowledgeError as error:
            yield _at(row, error.message)
        if not row.formula and row.kind != "tag":
            yield _at(row, f"{row.label!r} has no formula: only a tag may be without")


def _species(knowledge: _Knowledge) -> Iterator[Finding]:
    for row in knowledge.all_rows():
        for species in _named_species(row):
            try:
                metabolite, _ = split_species(species)
            except KnowledgeError as error:
                yield _at(row, f"{row.label!r}: {error.message}")
                continue
            if metabolite not in knowledge.metabolites:
                yield _at(row, f"{row.label!r} names {species!r}, but there is no {metabolite!r}")


def _named_species(row: Record) -> Iterable[str]:
    match row:
        case rec.Pool() | rec.MediumEntry() | rec.Expected():
            return (row.species,)
        case rec.KineticConstant() if row.parameter.startswith(_KM):
            return (row.parameter.removeprefix(_KM),)
        case rec.Modifier() | rec.Sensor():
            return parse_effector(row.effector).species
        case rec.ScreenCondition() if row.kind == "medium":
            return (row.target,)
        case rec.DrugTarget() if ":" in row.parameter:
            return (row.parameter.partition(":")[2],)
        case rec.Reaction():
            try:
                return parse_equation(row.equation).stoichiometry
            except KnowledgeError:
                return ()  # reported by the check of equations
        case _:
            return ()


def _equations(knowledge: _Knowledge) -> Iterator[Finding]:
    for row in knowledge.rows(rec.Reaction):
        try:
            equation = parse_equation(row.equation)
            excess = imbalance(equation, knowledge.metabolites)
        except KnowledgeError as error:
            yield _at(row, f"{row.label!r}: {error.message}")
            continue
        if excess:
            left = ", ".join(f"{name} {amount:+.6g}" for name, amount in excess.items())
            yield _at(row, f"{row.label!r} is not balanced: products less substrates {left}")


def _genes(knowledge: _Knowledge) -> Iterator[Finding]:
    for row in knowledge.rows(rec.Reaction):
        try:
            rules = parse_genes(row.genes)
        except KnowledgeError as error:
            yield _at(row, f"{row.label!r}: {error.message}")
            continue
        for gene in dict.fromkeys(gene for rule in rules for gene in rule.genes):
            if gene not in knowledge.genes:
                yield _at(row, f"{row.label!r} names gene {gene!r}, which genes.tsv does not have")


def _effectors(knowledge: _Knowledge) -> Iterator[Finding]:
    """Find proteins that act on a rate and that no gene makes."""
    for row in knowledge.rows(rec.Modifier):
        for gene in parse_effector(row.effector).proteins:
            if gene not in knowledge.genes:
                yield _at(
                    row,
                    f"{row.label!r} names {gene!r}, which is neither a species nor in genes.tsv",
                )


def _references(knowledge: _Knowledge) -> Iterator[Finding]:
    media = {row.medium for row in knowledge.rows(rec.MediumName)}
    drugs = {row.drug for row in knowledge.rows(rec.Drug)}
    known = (("reaction", knowledge.reactions), ("medium", media), ("drug", drugs))
    for row in knowledge.all_rows():
        if isinstance(row, rec.MediumName | rec.Drug):
            continue
        for column, names in known:
            name = getattr(row, column, None)
            if name is not None and name not in names:
                yield _at(row, f"{row.label!r} is about {column} {name!r}, which has no row")
    yield from _expression(knowledge)
    yield from _constants_of_others(knowledge)


def _expression(knowledge: _Knowledge) -> Iterator[Finding]:
    """Check that expression is about genes and profiles that exist, and above zero."""
    profiles = {row.profile for row in knowledge.rows(rec.CellProfile)}
    for row in knowledge.rows(rec.ExpressionFold):
        if row.profile not in profiles:
            yield _at(row, f"{row.label!r} is about profile {row.profile!r}, which has no row")
        if row.fold <= 0.0:
            yield _at(row, f"{row.label!r} is {row.fold:g}: a fold of expression is above zero")
    for mass in knowledge.rows(rec.DryMass):
        if mass.profile not in profiles:
            yield _at(mass, f"{mass.label!r} has a dry mass, but no row in profiles.tsv")
    named: list[tuple[Record, str]] = [(r, r.gene) for r in knowledge.rows(rec.ExpressionFold)]
    named += [(r, r.gene) for r in knowledge.rows(rec.ReferenceExpression)]
    for record, gene in named:
        if gene not in knowledge.genes:
            message = f"{record.label!r} names gene {gene!r}, which genes.tsv does not have"
            yield _at(record, message)


def _regulation(knowledge: _Knowledge) -> Iterator[Finding]:
    """Check nodes, sensors and edges, each by itself and against the others."""
    nodes = knowledge.rows(rec.Node)
    for node in nodes:
        yield from (_at(node, f"{node.label!r}: {text}") for text in rules.node_problems(node))
    kinds = dict.fromkeys(knowledge.reactions, "activity")
    kinds |= dict.fromkeys(knowledge.genes, "gene") | {n.node: n.kind for n in nodes}
    rests = {n.node: 1.0 if n.rest is None else n.rest for n in nodes}
    for term in knowledge.rows(rec.Sensor):
        found = rules.sensor_problems(term, kinds)
        yield from (_at(term, f"{term.label!r}: {text}") for text in found)
    edges = knowledge.rows(rec.Edge)
    for edge in edges:
        unknown = tuple(rules.unknown_nodes(edge, kinds))
        found = iter(unknown) if unknown else rules.edge_problems(edge, kinds, rests)
        yield from (_at(edge, f"{edge.label!r}: {text}") for text in found)
    for row, text in rules.contradictions(edges):
        yield _at(row, f"{row.label!r} {text}")


def _niche(knowledge: _Knowledge) -> Iterator[Finding]:
    """Check messengers, nodes and edges of the tissue against regulation and cells."""
    known = knowledge.rows(rec.Node)
    kinds = dict.fromkeys(knowledge.genes, "gene") | {n.node: n.kind for n in known}
    rests = {n.node: n.rest for n in known if n.rest is not None}
    secreting = {n.node for n in known if n.measure == "secretion"}
    cells = {row.profile for row in knowledge.rows(rec.CellProfile)}
    cells |= {row.name for row in knowledge.rows(rec.Group) if row.kind == "lineage"}
    for row in knowledge.rows(rec.Messenger):
        found = niche_rules.messenger_problems(row, kinds, rests, secreting, cells)
        yield from (_at(row, f"{row.label!r}: {text}") for text in found)
    for node in knowledge.rows(rec.NicheNode):
        found = niche_rules.niche_node_problems(node, cells)
        yield from (_at(node, f"{node.label!r}: {text}") for text in found)
    yield from _told_apart(knowledge, cells)
    nodes = {row.node for row in knowledge.rows(rec.NicheNode)}
    made = {row.messenger: row.kind for row in knowledge.rows(rec.Messenger)}
    solutes = {f"{metabolite}_e" for metabolite in knowledge.metabolites}
    for edge in knowledge.rows(rec.NicheEdge):
        found = niche_rules.niche_edge_problems(edge, nodes, made, solutes, cells)
        yield from (_at(edge, f"{edge.label!r}: {text}") for text in found)


def _told_apart(knowledge: _Knowledge, cells: Collection[str]) -> Iterator[Finding]:
    """Check that markers and labels are about cells, and that levels are above zero."""
    for marker in knowledge.rows(rec.Marker):
        if marker.cell not in cells:
            yield _at(marker, f"{marker.label!r} is about {marker.cell!r}, no cell or lineage")
        if marker.value <= 0.0:
            yield _at(marker, f"{marker.label!r} is {marker.value:g}: a level is above zero")
    for row in knowledge.rows(rec.CellLabel):
        for cell in row.cells:
            if cell not in cells:
                yield _at(row, f"{row.label!r} stands for {cell!r}, no cell or lineage")


def _members(knowledge: _Knowledge) -> Iterator[Finding]:
    """Check what groups are made of and what the stress screen changes."""
    cells = {row.profile for row in knowledge.rows(rec.CellProfile)}
    for row in knowledge.rows(rec.Group):
        known: Collection[str] = knowledge.metabolites
        if row.kind in _GENE_GROUPS:
            known = knowledge.genes
        elif row.kind in _CELL_GROUPS:
            known = cells
        for member in row.members:
            if member not in known:
                yield _at(row, f"{row.label!r} has member {member!r}, which has no row")
    for condition in knowledge.rows(rec.ScreenCondition):
        if condition.kind == "reaction" and condition.target not in knowledge.reactions:
            yield _at(
                condition, f"{condition.label!r} blocks {condition.target!r}: no such reaction"
            )
        if not is_unit(condition.unit):
            yield _at(condition, f"{condition.label!r} has unknown unit {condition.unit!r}")


def _constants_of_others(knowledge: _Knowledge) -> Iterator[Finding]:
    """Find Michaelis constants for species that do not take part in the reaction.

    Only the modular law has one for each partner and no others.
    """
    for row in knowledge.rows(rec.KineticConstant):
        reaction = knowledge.reactions.get(row.reaction)
        if reaction is None or reaction.law != _MODULAR or not row.parameter.startswith(_KM):
            continue
        species = row.parameter.removeprefix(_KM)
        try:
            taking_part = parse_equation(reaction.equation).stoichiometry
        except KnowledgeError:
            continue  # reported by the check of equations
        if species not in taking_part:
            yield _at(row, f"{row.label!r}: {species!r} takes no part in {reaction.equation!r}")


def _names(knowledge: _Knowledge) -> Iterator[Finding]:
    """Check what is looked up in the vocabulary: observables, drug targets, altered genes."""
    try:
        vocabulary = build_vocabulary(knowledge.base)
    except KnowledgeError:
        return  # a table that cannot be read is reported already
    yield from _ambiguous(vocabulary, knowledge.base)
    for row in knowledge.all_rows():
        try:
            match row:
                case rec.Physiology():
                    Observable.parse(row.observable, vocabulary)
                case rec.NamedRatio():
                    for side in (row.top, row.bottom):
                        Observable.parse(f"tumour.{side}", vocabulary)
                case rec.DrugTarget() if row.target.rpartition("_")[0] not in knowledge.metabolites:
                    vocabulary.resolve(row.target, _TARGET_KINDS)
                case rec.Alteration():
                    vocabulary.resolve(row.alteration, "genotype")
                    vocabulary.resolve(row.gene, ("gene", "handle"))
                case rec.CellProfile():
                    vocabulary.resolve(row.profile, ("cell", "cancer"))
        except GlutariumError as error:
            yield _at(row, f"{row.label!r}: {error.message}")


def _ambiguous(vocabulary: Vocabulary, base: KnowledgeBase) -> Iterator[Finding]:
    """Find spellings that lead to another name of the same kind.

    Genes share old symbols and reactions EC numbers; who writes one is asked which is meant.
    """
    for entry in vocabulary.entries:
        if entry.kind in _SHARED_SPELLINGS:
            continue
        for spelling in entry.spellings:
            found = vocabulary.find(spelling, entry.kind)
            if found is None or found.name != entry.name:
                others = ", ".join(vocabulary.closest(spelling, entry.kind))
                message = f"{spelling!r} does not lead to {entry.kind} {entry.name!r}: {others}"
                yield Finding(Location(base.folder), message)


def _at(row: Record, message: str) -> Finding:
    return Finding(row.location, message)


_CHECKS: tuple[Check, ...] = (
    _duplicates,
    _units,
    _sources,
    _claims,
    _formulas,
    _species,
    _equations,
    _genes,
    _effectors,
    _references,
    _regulation,
    _niche,
)
_CHECKS_OF_THE_WHOLE: tuple[Check, ...] = (_members, _names)
