"""Make the tables of cell profiles from expression data that lie outside the package.

    python tools/make_profiles.py --data DIR --atlas FILE

``DIR`` holds the data sets that ``glutarium validate`` reads; two of them are used here: RNA-seq of six
lines (``02_exchange_fluxes``) and the arrays of the NCI-60 panel (``03_cell_line_omics``). ``FILE`` is a
table of the Human Protein Atlas, genes by Ensembl id in rows and cell lines and tissues in columns
(normalised expression): ``resources/protein_atlas/RNAtableExtended.tsv.gz`` of the repository
kircherlab/cfDNA, commit 8891e40, holds it in that form.

Three tables are written to ``src/glutarium/knowledge/data``: ``expression.tsv`` (folds against the generic
carcinoma cell), ``profiles.tsv`` (growth signals) and ``expression_reference.tsv`` (TPM of the generic cell).
Lines in which others measured what ``glutarium validate`` compares have tables of their own beside its
protocols (``src/glutarium/study/validate-<line>.tsv``); ``--lines`` writes these alone, and needs no atlas.
Which samples stand for which profile is said in ``tools/profiles.tsv``; nothing is chosen by what the
model then does. ``tools/profile_folds.tsv`` holds folds that a compilation of published figures states for a
cell of which the atlas has no sample (an activated T cell, a polarised macrophage), and those of the atlas
for genes that are not metabolic (what keeps granulocytes alive); they go before those of the samples.

Rules
-----
- A fold is the ratio of geometric means, of ``x + 1`` where x is an amount, over the profile's samples and
  over the carcinoma samples of the same table; low and high are the extremes of the single samples. One
  sample alone has no extremes: half and twice the fold stand for them.
- Of several probes of a gene the one with the highest mean is used.
- Genes are those of ``genes.tsv`` that are metabolic (Human-GEM) or carry a reaction of the network.
- Folds near one are kept: what was measured is what the cell has at rest, while a gene without a row
  follows its regulation (``glutarium.simulate.setpoint``).
- The growth signal of cells in culture follows from the markers of proliferation by the rule that users'
  tables follow too (``glutarium.model.profiles``); that of resting cells is stated in ``tools/profiles.tsv``.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import math
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from glutarium.knowledge.base import DATA, KnowledgeBase, load
from glutarium.knowledge.equations import parse_genes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HERE = Path(__file__).parent
ALONE = 2.0
MISSING = "NA"
ARRAYS = "03_cell_line_omics/nci60_affy_u133a_gcrma_metabolic_and_signalling.tsv.gz"
SEQUENCED = "02_exchange_fluxes/nci60_6lines_rnaseq_tpm.tsv.gz"
METABOLIC = "10_identifiers_regulons/metabolic_gene_ids_HumanGEM.tsv.gz"
# Carcinomas of each table: what the generic carcinoma cell is the mean of.
GENERIC_ATLAS = (
    "A-431", "A549", "AN3-CA", "CACO-2", "CAPAN-2", "EFO-21", "HeLa",
    "MCF7", "OE19", "PC-3", "RT4", "SiHa", "SK-BR-3", "T-47d",
)  # fmt: skip
GENERIC_ARRAYS = ("BR:", "CO:", "LC:", "OV:", "PR:", "RE:")
GENERIC_SEQUENCED = {
    "NCI-H226": "LC:NCI_H226", "UO-31": "RE:UO_31", "786-O": "RE:786_0", "HOP-92": "LC:HOP_92",
}  # fmt: skip

# Lines in which others measured; the arrays hold them, and what their genotype does to expression with it.
LINES = {"HCT116": "CO:HCT_116"}
STUDY = HERE.parent / "src" / "glutarium" / "study"

Logs = dict[str, dict[str, float]]
"""Gene → sample → log2 of its expression."""


@dataclass(frozen=True)
class Spec:
    """A row of ``tools/profiles.tsv``."""

    profile: str
    table: str
    samples: tuple[str, ...]
    signal: tuple[float, float, float] | None
    source: str
    note: str


def read_specs() -> Iterator[Spec]:
    """What each profile is made of."""
    for row in _rows(HERE / "profiles.tsv"):
        numbers = [row[c] for c in ("signal", "signal_low", "signal_high")]
        signal = tuple(map(float, numbers)) if numbers[0] else None
        samples = tuple(filter(None, row["samples"].split(";")))
        yield Spec(row["profile"], row["table"], samples, signal, row["source"], row["note"])  # type: ignore[arg-type]


def read_stated() -> dict[str, dict[str, list[str]]]:
    """Profile → gene → row of ``expression.tsv``, for folds that are stated and not derived."""
    found: dict[str, dict[str, list[str]]] = {}
    for row in _rows(HERE / "profile_folds.tsv"):
        numbers = [row[c] for c in ("fold", "low", "high")]
        evidence = [row["basis"], *(row[c] for c in ("source", "confidence", "claims", "note"))]
        fields = [row["profile"], row["gene"], *numbers, "1", *evidence]
        found.setdefault(row["profile"], {})[row["gene"]] = fields
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def ensembl_ids(base: KnowledgeBase) -> dict[str, str]:
    """Ensembl id → symbol."""
    return {s: g.symbol for g in base.genes for s in g.synonyms if s.startswith("ENSG")}


def read_atlas(path: Path, ids: Mapping[str, str]) -> Logs:
    """Normalised expression of the atlas."""
    return {
        ids[row["GeneID"]]: {
            name.strip(): math.log2(float(x) + 1.0)
            for name, x in row.items()
            if name != "GeneID" and x != MISSING
        }
        for row in _rows(path)
        if row["GeneID"] in ids
    }


def read_arrays(path: Path) -> Logs:
    """Log2 intensities of the arrays; of several probes the strongest."""
    found: Logs = {}
    for row in _rows(path):
        values = {k: float(x) for k, x in row.items() if ":" in k}
        known = found.get(row["symbol"])
        if known is None or fmean(values.values()) > fmean(known.values()):
            found[row["symbol"]] = values
    return found


def read_sequenced(path: Path, ids: Mapping[str, str]) -> Logs:
    """Log2 of TPM + 1, as the table holds them."""
    return {
        ids[row["gene"]]: {k: float(x) for k, x in row.items() if k != "gene"}
        for row in _rows(path)
        if row["gene"] in ids
    }


def chosen_genes(base: KnowledgeBase, metabolic: Path) -> list[str]:
    """Genes that may have a fold, in the order of ``genes.tsv``."""
    known = {row["geneSymbols"] for row in _rows(metabolic)}
    known |= {g for r in base.reactions for i in parse_genes(r.genes) for g in i.genes}
    known |= set(base.groups["marker", "proliferation"].members)
    return [g.symbol for g in base.genes if g.symbol in known]


def generic(table: str, samples: Sequence[str]) -> list[str]:
    """Carcinoma samples of a table."""
    if table == "atlas":
        return [s for s in samples if s in GENERIC_ATLAS]
    return [s for s in samples if s.startswith(GENERIC_ARRAYS)]


def folds(logs: Mapping[str, float], spec: Spec) -> tuple[float, float, float]:
    """Low, fold and high of one gene."""
    base = fmean(logs[s] for s in generic(spec.table, list(logs)))
    each = [2.0 ** (logs[s] - base) for s in spec.samples]
    middle = 2.0 ** fmean(math.log2(x) for x in each)
    if len(each) == 1:
        return middle / ALONE, middle, middle * ALONE
    return min(each), middle, max(each)


def reference_tpm(sequenced: Logs, arrays: Logs, genes: Sequence[str]) -> dict[str, list[float]]:
    """Low, TPM and high of the generic carcinoma cell.

    The four carcinoma lines that were sequenced are few and half of them renal; where arrays hold the
    gene, the difference between all carcinoma lines and these four on the arrays is added.
    """
    found: dict[str, list[float]] = {}
    for gene in genes:
        logs = sequenced.get(gene)
        if logs is None:
            continue
        each = [logs[s] for s in GENERIC_SEQUENCED]
        array = arrays.get(gene)
        shift = 0.0
        if array:
            all_lines = fmean(array[s] for s in generic("arrays", list(array)))
            shift = all_lines - fmean(array[s] for s in GENERIC_SEQUENCED.values())
        middle = fmean(each) + shift
        logs3 = (min(*each, middle), middle, max(*each, middle))
        found[gene] = [max(2.0**x - 1.0, 0.0) for x in logs3]
    return found


def write(name: str, columns: str, rows: Sequence[Sequence[str]]) -> None:
    """Write a table of the package."""
    path = DATA / f"{name}.tsv"
    lines = ["\t".join(row) for row in ([*columns.split()], *rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{path}: {len(rows)} rows")  # noqa: T201


def write_lines(arrays: Logs, genes: Sequence[str]) -> None:
    """Write what single lines express over the generic carcinoma cell, as users' tables are written."""
    for name, sample in LINES.items():
        spec = Spec(name, "arrays", (sample,), None, "Reinhold2012", "")
        there = [g for g in genes if sample in arrays.get(g, ())]
        rows = [f"{g}\t{_number(folds(arrays[g], spec)[1])}" for g in there]
        path = STUDY / f"validate-{name}.tsv"
        remark = f"# {sample} of the NCI-60 arrays ({spec.source}) over their carcinoma lines"
        path.write_text("\n".join([remark, "gene\tfold", *rows]) + "\n", encoding="utf-8")
        print(f"{path}: {len(rows)} rows")  # noqa: T201


def _number(x: float) -> str:
    return f"{x:.3g}"


def main() -> None:
    """Read, derive, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--atlas", type=Path, help="table of the protein atlas")
    parser.add_argument(
        "--lines", action="store_true", help="write the tables of single lines alone"
    )
    args = parser.parse_args()
    base = load()
    arrays = read_arrays(args.data / ARRAYS)
    write_lines(arrays, chosen_genes(base, args.data / METABOLIC))
    if args.lines:
        return
    if args.atlas is None:
        parser.error("--atlas is needed for all tables but those of --lines")
    ids = ensembl_ids(base)
    tables = {"atlas": read_atlas(args.atlas, ids), "arrays": arrays}
    genes = chosen_genes(base, args.data / METABOLIC)
    stated = read_stated()
    order = [g.symbol for g in base.genes]
    expression, profiles = [], []
    for spec in read_specs():
        table = tables.get(spec.table, {})
        there = [g for g in genes if spec.samples and set(spec.samples) <= set(table.get(g, ()))]
        found = {g: folds(table[g], spec) for g in there}
        told = stated.get(spec.profile, {})
        derived = {g: _fold_row(spec, g, f) for g, f in found.items()}
        both = {**derived, **told}
        expression += [both[g] for g in order if g in both]
        profiles.append(_profile_row(spec, found, base))
    write(
        "expression",
        "profile gene fold low high unit basis source confidence claims note",
        expression,
    )
    columns = "profile samples value low high unit basis source confidence claims note"
    write("profiles", columns, profiles)
    tpm = reference_tpm(read_sequenced(args.data / SEQUENCED, ids), arrays, genes)
    columns = "gene value low high unit basis source confidence claims note"
    rows = [
        [
            g,
            *map(_number, (v, low, high)),
            "1",
            "borrowed",
            "FluxProfilingREGP;Reinhold2012",
            "B",
            "",
            "",
        ]
        for g, (low, v, high) in tpm.items()
    ]
    write("expression_reference", columns, rows)


def _fold_row(spec: Spec, gene: str, fold: tuple[float, float, float]) -> list[str]:
    low, middle, high = fold
    grade = "C" if len(spec.samples) == 1 else "B"
    numbers = map(_number, (middle, low, high))
    return [spec.profile, gene, *numbers, "1", "borrowed", spec.source, grade, "", ""]


def _profile_row(
    spec: Spec, found: Mapping[str, tuple[float, float, float]], base: KnowledgeBase
) -> list[str]:
    if spec.signal is not None:
        value, low, high = spec.signal
        basis, source = "assumed", "Glutarium2026"
    else:
        markers = [m for m in base.groups["marker", "proliferation"].members if m in found]
        exponent = base.constants["expression.exponent"].value
        logs = [[math.log(found[m][i]) for m in markers] for i in range(3)]
        low, value, high = (math.exp(exponent * fmean(x)) for x in logs)
        basis, source = "borrowed", spec.source
    samples = ";".join(spec.samples)
    numbers = map(_number, (value, low, high))
    return [spec.profile, samples, *numbers, "1", basis, source, "C", "", spec.note]


if __name__ == "__main__":
    main()
