"""The knowledge base: every table, read on first use, kept, and never changed.

>>> base = load()
>>> base.metabolites["gln"].name
'glutamine'
"""

from __future__ import annotations

import hashlib
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Generic

from glutarium.errors import KnowledgeError
from glutarium.kept import kept, program
from glutarium.knowledge import records as rec
from glutarium.knowledge.evidence import AnyRecord
from glutarium.knowledge.expressed import Expressed, by_profile
from glutarium.knowledge.sources import Source, read_sources
from glutarium.knowledge.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["DATA", "KnowledgeBase", "Table", "load"]

DATA = Path(__file__).parent / "data"
"""Folder of the tables that come with the package."""

PARTS = ("pathways", "regulation")
"""Folders with a folder for each pathway or axis of regulation: its part of the tables."""

REGULATION = ("nodes", "sensors", "edges")
"""Tables that stand in folders of axes only, and that may be missing."""

DRUGS = "drug_targets"
"""Table of what drugs do, without which a network is a network too."""

NICHE = tuple(
    f"niche/{table}"
    for table in (
        "messengers",
        "nodes",
        "edges",
        "tissue",
        "populations",
        "exchange",
        "spheroid",
        "diffusion",
        "markers",
        "labels",
    )
)
"""Tables of what passes between cells and of the tissue around them; they may be missing."""


class Table(Generic[AnyRecord]):
    """Records of one table: iterates in the order of the file, looks up by key.

    Parameters
    ----------
    name
        Name of the table, for messages.
    records
        All rows.
    """

    def __init__(self, name: str, records: tuple[AnyRecord, ...]) -> None:
        self._name = name
        self._records = records

    def __iter__(self) -> Iterator[AnyRecord]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, key: object) -> bool:
        return (key if isinstance(key, tuple) else (key,)) in self._index

    def __getitem__(self, key: str | tuple[str, ...]) -> AnyRecord:
        record = self.get(*((key,) if isinstance(key, str) else key))
        if record is None:
            message = f"Table {self._name!r} has no row {key!r}"
            raise KnowledgeError(message)
        return record

    def get(self, *key: str) -> AnyRecord | None:
        """Return the record with these key values, or None.

        Raises
        ------
        KnowledgeError
            The table has two rows with one key.
        """
        return self._index.get(key)

    def where(self, column: str, value: str) -> tuple[AnyRecord, ...]:
        """Return the records whose column has a value."""
        return self._groups(column).get(value, ())

    @cached_property
    def _index(self) -> Mapping[tuple[str, ...], AnyRecord]:
        index: dict[tuple[str, ...], AnyRecord] = {}
        for record in self._records:
            if record.key in index:
                message = (
                    f"{record.label!r} stands twice in table {self._name!r}, "
                    f"first in {index[record.key].location}; keep one"
                )
                raise KnowledgeError(message, location=record.location)
            index[record.key] = record
        return index

    def _groups(self, column: str) -> Mapping[str, tuple[AnyRecord, ...]]:
        if column not in self._grouped:
            groups: dict[str, tuple[AnyRecord, ...]] = {}
            for record in self._records:
                value = str(getattr(record, column))
                groups[value] = (*groups.get(value, ()), record)
            self._grouped[column] = groups
        return self._grouped[column]

    @cached_property
    def _grouped(self) -> dict[str, Mapping[str, tuple[AnyRecord, ...]]]:
        return {}


class KnowledgeBase:
    """All tables of one folder.

    Parameters
    ----------
    folder
        Where ``metabolites.tsv`` and the others stand; the packaged tables where None.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = DATA if folder is None else folder

    @property
    def bibliography(self) -> Path:
        """File of the publications."""
        return self.folder / "sources.bib"

    def path(self, table: str) -> Path:
        """Return the file of a table that stands in one file."""
        return self.folder / f"{table}.tsv"

    def paths(self, table: str) -> tuple[Path, ...]:
        """Return the files of a table: its own, then those of pathways and axes by their names.

        A table that stands nowhere is expected in a file of its own, but for those of regulation
        and of the niche: a network may do without.
        """
        own = self.path(table)
        parts = [p for f in PARTS for p in sorted((self.folder / f).glob(f"*/{table}.tsv"))]
        wanted = not parts and table not in (*REGULATION, *NICHE, DRUGS)
        return (own, *parts) if own.exists() or wanted else tuple(parts)

    def _read(self, record_type: type[AnyRecord]) -> Table[AnyRecord]:
        name = record_type.TABLE
        files = (read_table(path, record_type) for path in self.paths(name))
        return Table(name, tuple(chain.from_iterable(files)))

    @cached_property
    def metabolites(self) -> Table[rec.Metabolite]:
        """Substances by id (``gln``)."""
        return self._read(rec.Metabolite)

    @cached_property
    def pools(self) -> Table[rec.Pool]:
        """Reference concentrations by species (``gln_c``)."""
        return self._read(rec.Pool)

    @cached_property
    def reactions(self) -> Table[rec.Reaction]:
        """Reactions by id."""
        return self._read(rec.Reaction)

    @cached_property
    def fluxes(self) -> Table[rec.ReferenceFlux]:
        """Reference fluxes by reaction."""
        return self._read(rec.ReferenceFlux)

    @cached_property
    def kinetics(self) -> Table[rec.KineticConstant]:
        """Constants of rate laws by (reaction, parameter)."""
        return self._read(rec.KineticConstant)

    @cached_property
    def modifiers(self) -> Table[rec.Modifier]:
        """Allosteric terms by (reaction, effector, kind)."""
        return self._read(rec.Modifier)

    @cached_property
    def processes(self) -> Table[rec.ProcessShare]:
        """Reactions of a named process by (process, reaction)."""
        return self._read(rec.ProcessShare)

    @cached_property
    def groups(self) -> Table[rec.Group]:
        """Names that stand for several by (kind, name)."""
        return self._read(rec.Group)

    @cached_property
    def ratios(self) -> Table[rec.NamedRatio]:
        """Ratios of two read-outs by name."""
        return self._read(rec.NamedRatio)

    @cached_property
    def screen(self) -> Table[rec.ScreenCondition]:
        """Conditions of the stress screen, in order."""
        return self._read(rec.ScreenCondition)

    @cached_property
    def stress(self) -> Table[rec.StressLevel]:
        """Levels and limits of the whole stress screen by name."""
        return self._read(rec.StressLevel)

    @cached_property
    def expected(self) -> Table[rec.Expected]:
        """Accumulations that are real by (reaction, species)."""
        return self._read(rec.Expected)

    @cached_property
    def membranes(self) -> Table[rec.Membrane]:
        """What lies between two compartments by (one, other)."""
        return self._read(rec.Membrane)

    @cached_property
    def genes(self) -> Table[rec.Gene]:
        """Genes by symbol."""
        return self._read(rec.Gene)

    @cached_property
    def media(self) -> Table[rec.MediumEntry]:
        """Concentrations in media by (medium, species)."""
        return self._read(rec.MediumEntry)

    @cached_property
    def media_names(self) -> Table[rec.MediumName]:
        """Media by name."""
        return self._read(rec.MediumName)

    @cached_property
    def drugs(self) -> Table[rec.Drug]:
        """Drugs by name."""
        return self._read(rec.Drug)

    @cached_property
    def drug_targets(self) -> Table[rec.DrugTarget]:
        """Constants of drug action by (drug, alternative, target, mode, parameter)."""
        return self._read(rec.DrugTarget)

    @cached_property
    def dry_masses(self) -> Table[rec.DryMass]:
        """Dry mass of one cell by profile."""
        return self._read(rec.DryMass)

    @cached_property
    def profiles(self) -> Table[rec.CellProfile]:
        """Growth signals of cells and cancer types by profile."""
        return self._read(rec.CellProfile)

    @cached_property
    def expression(self) -> Table[rec.ExpressionFold]:
        """Expression folds by (profile, gene)."""
        return self._read(rec.ExpressionFold)

    @cached_property
    def expressed(self) -> Mapping[str, Expressed]:
        """What :attr:`expression` says by profile, without reading all of it again."""
        files = [path for path in self.paths("expression") if path.exists()]
        text = hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()
        key = f"{program()}\n{text}"
        return MappingProxyType(kept("expressed", key, lambda: by_profile(self.expression)))

    @cached_property
    def expression_reference(self) -> Table[rec.ReferenceExpression]:
        """TPM of the generic carcinoma cell by gene."""
        return self._read(rec.ReferenceExpression)

    @cached_property
    def nodes(self) -> Table[rec.Node]:
        """Nodes of regulation by name."""
        return self._read(rec.Node)

    @cached_property
    def sensors(self) -> Table[rec.Sensor]:
        """Terms of what nodes sense by (node, effector, kind)."""
        return self._read(rec.Sensor)

    @cached_property
    def edges(self) -> Table[rec.Edge]:
        """Edges by (regulator, target, process, alternative, context)."""
        return self._read(rec.Edge)

    @cached_property
    def tissue(self) -> Table[rec.TissueConstant]:
        """Constants of a tissue by id."""
        return self._read(rec.TissueConstant)

    @cached_property
    def spheroid(self) -> Table[rec.SpheroidConstant]:
        """Constants of a ball of cells in a dish by id."""
        return self._read(rec.SpheroidConstant)

    @cached_property
    def diffusions(self) -> Table[rec.Diffusion]:
        """Diffusion through tissue by species."""
        return self._read(rec.Diffusion)

    @cached_property
    def populations(self) -> Table[rec.Population]:
        """Shares of the dry mass of a tissue by cell or lineage."""
        return self._read(rec.Population)

    @cached_property
    def permeations(self) -> Table[rec.Permeation]:
        """Exchange with plasma over that of small solutes by species."""
        return self._read(rec.Permeation)

    @cached_property
    def markers(self) -> Table[rec.Marker]:
        """Genes that tell cells apart, by (cell, gene)."""
        return self._read(rec.Marker)

    @cached_property
    def cell_labels(self) -> Table[rec.CellLabel]:
        """What annotations call cells, by label."""
        return self._read(rec.CellLabel)

    @cached_property
    def messengers(self) -> Table[rec.Messenger]:
        """What cells release or show to each other, by messenger."""
        return self._read(rec.Messenger)

    @cached_property
    def niche_nodes(self) -> Table[rec.NicheNode]:
        """What the tissue itself does, by node."""
        return self._read(rec.NicheNode)

    @cached_property
    def niche_edges(self) -> Table[rec.NicheEdge]:
        """What acts on the tissue by (regulator, target, process, alternative)."""
        return self._read(rec.NicheEdge)

    @cached_property
    def alterations(self) -> Table[rec.Alteration]:
        """Expression folds by (alteration, gene)."""
        return self._read(rec.Alteration)

    @cached_property
    def physiology(self) -> Table[rec.Physiology]:
        """Ranges of the reference state by id."""
        return self._read(rec.Physiology)

    @cached_property
    def folds(self) -> Table[rec.PublishedFold]:
        """Published changes of regulated targets by id."""
        return self._read(rec.PublishedFold)

    @cached_property
    def constants(self) -> Table[rec.Constant]:
        """Numbers that belong to no single reaction by id."""
        return self._read(rec.Constant)

    @cached_property
    def names(self) -> Table[rec.OtherName]:
        """Names without a table of their own by (name, kind)."""
        return self._read(rec.OtherName)

    @cached_property
    def claims(self) -> Table[rec.Claim]:
        """Statements of the reviews by id."""
        return self._read(rec.Claim)

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """Publications by BibTeX key."""
        path = self.bibliography
        if not path.exists():
            return read_sources(path)  # which says so
        text = hashlib.sha256(path.read_bytes()).hexdigest()
        return MappingProxyType(
            kept("sources", f"{program()}\n{path}\n{text}", lambda: read_sources(path))
        )


@cache
def load() -> KnowledgeBase:
    """Return the packaged knowledge base, the same object at every call."""
    return KnowledgeBase()
