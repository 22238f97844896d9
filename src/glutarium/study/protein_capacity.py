"""Which capacities are more than the cell's proteins can do: abundance times turnover number.

Both come from measured data outside the package: abundance from PaxDb, turnover numbers from BRENDA (the
largest of any assay, so the bound is generous), names of proteins from Human-GEM.
"""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.errors import KnowledgeError
from glutarium.knowledge.equations import parse_genes
from glutarium.study.stress_levels import read_levels
from glutarium.units import convert

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from glutarium.model.network import Reaction
    from glutarium.simulate.model import CellModel

__all__ = ["Capacity", "ProteinData", "compare_capacities", "read_proteins"]

ABUNDANCE = "01_models/paxDB_human_prot_abundance.tsv.gz"
TURNOVER = "01_models/BRENDA_max_kcat_GECKO.tsv.gz"
NAMES = "01_models/Human-GEM_v1.19.0_genes.tsv.gz"
_KIN = ("mammals", "")  # preferred first; the last one is any organism
_PER_MILLION = 1e-6


@dataclass(frozen=True)
class ProteinData:
    """Measured proteins.

    Attributes
    ----------
    abundance
        Gene → molecules per million protein molecules; only proteins that were seen.
    turnover
        EC number → largest turnover number, 1/s.
    """

    abundance: Mapping[str, float]
    turnover: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Capacity:
    """A reaction whose capacity can be compared.

    Attributes
    ----------
    reaction, member
        Which reaction of which member, from 1.
    vmax
        Capacity in the model, mmol/gDW/h.
    most
        What its proteins can do at most, mmol/gDW/h.
    """

    reaction: str
    member: int
    vmax: float
    most: float

    @property
    def too_large(self) -> bool:
        """Whether the model assumes more than the proteins can do."""
        return self.vmax > self.most


def read_proteins(folder: Path) -> ProteinData:
    """Read abundances and turnover numbers from the folder of measured data.

    Raises
    ------
    KnowledgeError
        A file is missing or cannot be read.
    """
    genes: dict[str, str] = {}
    for row in _rows(folder / NAMES):
        symbol, proteins = row[4].strip('"'), row[2].strip('"')
        genes |= dict.fromkeys(proteins.split(";"), symbol)
    abundance: defaultdict[str, float] = defaultdict(float)
    for row in _rows(folder / ABUNDANCE):
        gene = genes.get(row[1].rpartition(".")[2])
        if gene is not None and row[2] != "abundance":
            abundance[gene] += float(row[2])
    seen = {gene: x for gene, x in abundance.items() if x > 0.0}
    return ProteinData(seen, _largest(folder / TURNOVER))


def _largest(path: Path) -> dict[str, float]:
    """EC number → largest turnover number in any mammal, else in any organism."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for row in _rows(path):
        ec, organism, value = row[0].removeprefix("EC"), row[2], float(row[3])
        for kin in _KIN:
            if kin in organism:
                found[ec][kin] = max(value, found[ec].get(kin, 0.0))
    return {ec: next(by[kin] for kin in _KIN if kin in by) for ec, by in found.items()}


def _rows(path: Path) -> Iterator[list[str]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
            lines = (line for line in stream if not line.startswith("#"))
            yield from csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    except OSError as error:
        message = (
            f"{path} cannot be read ({error.strerror or error}); --data takes the folder of measured "
            f"data, which holds {ABUNDANCE}, {TURNOVER} and {NAMES}"
        )
        raise KnowledgeError(message) from error


def compare_capacities(model: CellModel, data: ProteinData) -> list[Capacity]:
    """Compare every capacity whose proteins and turnover number are known.

    Parameters
    ----------
    model
        The model with its members.
    data
        Measured proteins.
    """
    molecules = _molecules(model)
    found: list[Capacity] = []
    for reaction in model.network.reactions.values():
        ppm, kcat = _abundance(reaction, data), _turnover(model, reaction, data)
        i = model.parameter_index.get(f"vmax.{reaction.id}")
        if ppm is None or kcat is None or i is None:
            continue
        most = ppm * _PER_MILLION * molecules * kcat
        for member, parameters in enumerate(model.ensemble.parameters, start=1):
            found.append(Capacity(reaction.id, member, float(parameters[i]), most))
    return found


def _molecules(model: CellModel) -> float:
    """Protein molecules in dry mass, mmol/gDW."""
    row = read_levels(model.base).row("residues")
    return model.network.pools[row.target].value / row.value


def _abundance(reaction: Reaction, data: ProteinData) -> float | None:
    """Molecules per million of all isozymes together; of a complex, those of its rarest subunit."""
    isozymes = parse_genes(reaction.genes)
    known = [i for i in isozymes if all(g in data.abundance for g in i.genes)]
    if not known or len(known) < len(isozymes):
        return None
    return sum(min(data.abundance[g] for g in i.genes) for i in known)


def _turnover(model: CellModel, reaction: Reaction, data: ProteinData) -> float | None:
    """Turnover number, 1/h; of several steps in a row the slowest."""
    numbers = model.base.reactions[reaction.id].ec
    if not numbers or any(ec not in data.turnover for ec in numbers):
        return None
    return min(data.turnover[ec] for ec in numbers) * convert(1.0, "1/s", "1/h")
