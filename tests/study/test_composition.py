"""What a tissue is made of: laws of shares, what each kind of file gives, and what is refused by name."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.errors import GlutariumError, MissingExtraError, StudyError
from glutarium.knowledge.base import load
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.model.profiles import level_of
from glutarium.study.bulk import fit_shares
from glutarium.study.cell_labels import plain_label
from glutarium.study.compose import read_composition
from glutarium.study.composition import Composition, SingleCellOptions
from glutarium.study.composition_table import write_composition
from glutarium.study.expression_matrix import read_matrix
from glutarium.study.marker_sets import marker_sets
from glutarium.study.parse import read_studies
from glutarium.study.translate import Translator

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.simulate.model import CellModel
    from glutarium.study.study import Study

BASE = load()
SETS = marker_sets(BASE)
EXAMPLES = Path(__file__).parents[2] / "examples"
REAL = Path(__file__).parents[3] / "shared" / "data" / "09_tumour_omics" / "luad_T34_397cells.h5ad"
TABLE = "cell\titem\tvalue\ntumour\tshare\t0.6\ntumour\tGLS\t2\ntam\tshare\t0.4\n"
KINDS = {"tumour": 30, "tam": 20, "endothelial": 10}
DRY_PG = {"tumour": BASE.constants["cell.dry_mass"].value, "tam": BASE.dry_masses["tam"].value}


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def _write(text: str) -> Path:
        path = tmp_path / "cells.tsv"
        path.write_text(text, encoding="utf-8")
        return path

    return _write


@pytest.fixture
def study(tmp_path: Path) -> Callable[..., Study]:
    """Read a study of a tissue with some text under `cells`, beside a table of two cells."""
    (tmp_path / "cells.tsv").write_text(TABLE, encoding="utf-8")

    def _study(cells: str, arm: str = "{}") -> Study:
        path = tmp_path / "asked.yaml"
        text = f"study: a\nsystem: tissue\nsetup: {{cells: {cells}}}\narms: {{plain: {arm}}}\n"
        path.write_text(text, encoding="utf-8")
        (found,) = read_studies([path], vocabulary())
        return found

    return _study


# ------------------------------------------------------------------ a whole tissue


@given(
    st.dictionaries(
        st.sampled_from(sorted(SETS.first)), st.floats(0.01, 1.0), min_size=1, max_size=8
    )
)
def test_a_mixture_of_signatures_is_taken_apart_again(parts: dict[str, float]) -> None:
    amounts = dict.fromkeys(SETS.genes, 0.0)
    for cell, part in parts.items():
        for gene, level in SETS.first[cell].items():
            amounts[gene] += part * level
    found = fit_shares(amounts, SETS)
    lineages = {name: SETS.cells((name,)) for name in SETS.within}
    for cell, part in parts.items():
        own = lineages.get(cell, {cell})
        assert sum(found.get(c, 0.0) for c in own) == pytest.approx(part, rel=1e-6)


def test_a_bulk_table_gives_shares_and_the_profile_of_the_tumour(
    write: Callable[[str], Path],
) -> None:
    rows = {g: 0.7 * x for g, x in SETS.first["tumour"].items()}
    rows |= {g: 0.3 * x for g, x in SETS.first["tam"].items()}
    text = "".join(f"{g}\t{rows.get(g, 0.0)}\n" for g in (*SETS.genes, "FOO1"))
    found = read_composition(write(f"gene\tTPM\n{text}GLS\t50\n"))
    shares = {p.cell: p.share for p in found.parts}
    assert shares == pytest.approx({"tumour": 0.7, "tam": 0.3}, rel=0.05)
    assert sum(shares.values()) == pytest.approx(1.0)
    tumour = next(p.profile for p in found.parts if p.cell == "tumour")
    assert tumour is not None
    assert tumour.folds["GLS"] == pytest.approx(51.0 / (BASE.expression_reference["GLS"].value + 1))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gene\tTPM\nGLS\t5\n", "0 of 1.* markers"),
        ("gene\tfold\nGLS\t5\n", "holds folds"),
    ],
)
def test_a_bulk_table_without_markers_or_amounts_is_refused(
    write: Callable[[str], Path], text: str, message: str
) -> None:
    with pytest.raises(StudyError, match=message):
        read_composition(write(text))


# ------------------------------------------------------------------ tables of shares


def test_a_written_composition_is_read_again(write: Callable[[str], Path], tmp_path: Path) -> None:
    first = read_composition(write(TABLE))
    write_composition(tmp_path / "again.tsv", first)
    again = read_composition(tmp_path / "again.tsv")
    assert again.parts == first.parts
    assert [(p.cell, p.share) for p in first.parts] == [("tumour", 0.6), ("tam", 0.4)]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("0.4", "0.5", "do not add up to 1: 0.6 .tumour. . 0.5 .tam. = 1.1"),
        ("0.4", "-0.4", "'-0.4': must be a number, 0 or above.*line 4"),
        ("GLS\t2", "GLS\t0", "above 0.*line 3"),
        ("tam", "tum", "did you mean.*line 4"),
        ("GLS", "GLSX", "line 3"),
        ("tumour\tGLS\t2\n", "tumour\tshare\t0.6\n", "twice"),
        ("tam\tshare\t0.4\n", "tam\tGLS\t0.4\n", "tam has no row 'share'"),
    ],
)
def test_a_bad_table_is_refused_by_name(
    write: Callable[[str], Path], old: str, new: str, message: str
) -> None:
    with pytest.raises(GlutariumError, match=message):
        read_composition(write(TABLE.replace(old, new)))


# ------------------------------------------------------------------ studies


def _fractions(study: Study) -> dict[str, float | None]:
    assert study.setup.cells is not None
    return {name: s.fraction for name, s in study.setup.cells.settings.items()}


def test_cells_of_a_study_come_from_the_file(study: Callable[..., Study]) -> None:
    found = study("{from: cells.tsv}")
    assert _fractions(found) == pytest.approx({"tumour": 0.6, "tam": 0.4})
    assert found.setup.cells is not None
    profile = found.setup.cells.settings["tumour"].profile
    assert profile is not None
    assert profile.folds == {"GLS": 2.0}
    assert "cells.tsv" in found.composition_lines[0]


def test_what_the_study_says_wins_and_the_rest_makes_up_one(study: Callable[..., Study]) -> None:
    found = study("{from: cells.tsv, tam: {fraction: 0.1}, cd8_effector: {fraction: 0.3}}")
    assert _fractions(found) == pytest.approx({"tumour": 0.6, "tam": 0.1, "cd8_effector": 0.3})
    arm = study("{from: cells.tsv}", "{cells: {tam: {gene: {GLS: 2}}}}").merged("plain")
    assert arm.cells is not None
    assert arm.cells.settings["tam"].fraction == pytest.approx(0.4)
    assert arm.cells.composition is not None


def test_the_first_file_that_is_there_is_read(study: Callable[..., Study]) -> None:
    found = study("{from: [nowhere.h5ad, cells.tsv]}")
    assert any("nowhere.h5ad" in line for line in found.composition_lines)


def test_cells_without_a_fraction_share_what_the_others_leave(
    study: Callable[..., Study], model: CellModel
) -> None:
    found = study("{tumour: {fraction: 0.5}, plasma_cell: {fraction: 0.1}, tam: {}, caf: {}}")
    plans, lacking = Translator(model).plans(found)
    assert not lacking
    shares = {p.cell: p.place.share for p in plans.values() if p.place is not None}
    usual = {cell: BASE.populations[cell].value for cell in ("tam", "caf")}
    rest = {cell: 0.4 * x / sum(usual.values()) for cell, x in usual.items()}
    assert shares == pytest.approx({"tumour": 0.5, "plasma_cell": 0.1, **rest})


def test_a_profile_of_the_file_lies_over_the_recorded_one(
    study: Callable[..., Study], model: CellModel
) -> None:
    read, recorded = (study(c) for c in ("{from: cells.tsv}", "{tumour: {}, tam: {}}"))
    levels = []
    for one in (read, recorded):
        plans, _ = Translator(model).plans(one)
        (tumour,) = (p for p in plans.values() if p.cell == "tumour")
        levels.append(tumour.phases[0].parameters)
    assert levels[0]["level.GLS"] == pytest.approx(level_of(2.0, BASE))
    assert levels[1].get("level.GLS", 1.0) == 1.0


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("{from: nowhere.tsv}", "no file .*nowhere.tsv.*line 3"),
        ("{from: cells.tsv, nk: {gene: {GLS: 2}}}", "cells.nk.*holds none.*tumour, tam"),
        ("{from: cells.tsv, tam: {fraction: 1.0}}", "leave something"),
        ("{from: cells.tsv, scale: decibel}", "decibel"),
        ("{from: cells.tsv, tumr: {fraction: 0.1}}", "tumr"),
        ("{tumour: {fraction: 0.8}, tam: {fraction: 0.4}}", "tumour 0.8, tam 0.4 are 1.2"),
        ("{tumour: {fraction: 0.2}, tam: {fraction: 0.4}}", "are 0.6 together"),
        ("{tumour: {density: -1}}", "density.*-1"),
        ("{tumour: {fraction: -0.1}}", "-0.1 is not between 0 and 1"),
    ],
)
def test_bad_cells_are_refused_by_name(
    study: Callable[[str], Study], cells: str, message: str
) -> None:
    with pytest.raises(GlutariumError, match=message):
        study(cells)


def test_the_example_reads_its_cells() -> None:
    (found,) = read_studies([EXAMPLES / "luad-tug-of-war.yaml"], vocabulary())
    shares = [x for x in _fractions(found).values() if x is not None]
    assert sum(shares) == pytest.approx(1.0)
    assert {"tumour", "tam", "cd8_effector"} <= set(_fractions(found))


def test_single_cells_need_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anndata", None)
    path = tmp_path / "cells.h5ad"
    path.write_bytes(b"")
    with pytest.raises(MissingExtraError, match=r"glutarium\[omics\]"):
        read_composition(path)


# ------------------------------------------------------------------ single cells


def _counts() -> tuple[Any, list[str], list[str]]:
    """Counts of three kinds of cell, names of genes, and the kind of every cell."""
    random = np.random.default_rng(1)
    genes = [*SETS.genes, "GLS", "GLUL", *(f"FILL{i}" for i in range(400))]
    place = {gene: i for i, gene in enumerate(genes)}
    kinds = [kind for kind, n in KINDS.items() for _ in range(n)]
    counts = random.poisson(0.5, (len(kinds), len(genes))).astype(float)
    counts[:, : len(SETS.genes)] = 0.0
    for row, kind in enumerate(kinds):
        for gene in SETS.first[kind]:
            counts[row, place[gene]] = random.poisson(20.0) + 1
        counts[row, place["GLS"]] = 10.0
    return counts, genes, kinds


def _read(tmp_path: Path, how: str = "counts", **said: str | None) -> Composition:
    """Write counts, or logarithms of amounts, as AnnData and read them."""
    anndata = pytest.importorskip("anndata")
    pytest.importorskip("decoupler")
    import pandas as pd

    counts, genes, kinds = _counts()
    amounts = counts / counts.sum(axis=1, keepdims=True) * 1e4
    turned = {
        "counts": counts,
        "log2": np.log2(amounts + 1.0),
        "ln": np.log1p(amounts),
        "negative": amounts - 1.0,
        "mouse": counts,
        "ensembl": counts,
        "nothing": counts,
    }
    if how == "mouse":
        genes = [gene.capitalize() for gene in genes]
    var = pd.DataFrame(index=pd.Index(genes))
    if how in {"ensembl", "nothing"}:
        var = pd.DataFrame(index=pd.Index([f"ENSG{i:011d}" for i in range(len(genes))]))
        if how == "ensembl":
            var["gene_symbols"] = genes
    names = {"tam": "Macrophages", "tumour": "Malignant", "endothelial": "Dark matter"}
    labels = pd.DataFrame(
        {"Cell_type": [names[k] for k in kinds]}, index=[f"c{i}" for i in range(len(kinds))]
    )
    path = tmp_path / f"{how}.h5ad"
    anndata.AnnData(turned[how], obs=labels, var=var).write_h5ad(path)
    return read_composition(path, SingleCellOptions(**said))


@pytest.mark.parametrize("how", ["counts", "log2", "ln", "ensembl"])
@pytest.mark.parametrize("annotation", ["none", None])
def test_shares_are_cells_times_dry_mass(tmp_path: Path, how: str, annotation: str | None) -> None:
    found = _read(tmp_path, how, annotation=annotation)
    assert {p.cell: p.count for p in found.parts} == KINDS
    masses = {c: n * DRY_PG.get(c, DRY_PG["tumour"]) for c, n in KINDS.items()}
    expected = {c: m / sum(masses.values()) for c, m in masses.items()}
    assert {p.cell: p.share for p in found.parts} == pytest.approx(expected)


def test_profiles_are_means_over_the_reference(tmp_path: Path) -> None:
    counts, genes, kinds = _counts()
    own = counts[[k == "tumour" for k in kinds]]
    tpm = (own / own.sum(axis=1, keepdims=True)).mean(axis=0)[genes.index("GLS")] * 1e6
    found = {p.cell: p.profile for p in _read(tmp_path).parts}
    assert found["endothelial"] is None  # too few cells
    assert found["tumour"] is not None
    expected = (tpm + 1.0) / (BASE.expression_reference["GLS"].value + 1.0)
    assert found["tumour"].folds["GLS"] == pytest.approx(expected)


def test_unknown_labels_and_missing_genes_are_told(tmp_path: Path) -> None:
    report = dict(_read(tmp_path).report)
    assert "'Dark matter' (10 cells)" in report["unknown labels"]
    assert "missing: " in report["genes"]
    assert report["read"].endswith("as counts")


@pytest.mark.parametrize(
    ("how", "said", "message"),
    [
        ("nothing", {}, r"ids of Ensembl \(ENSG0.*var\['gene_symbols'\].*GTF"),
        ("mouse", {}, "mouse.*orthologues"),
        ("negative", {}, "holds -1 in X.*z-scores"),
        ("counts", {"scale": "log2"}, "declared to hold logarithms .log2.*all of them whole"),
        ("log2", {"scale": "counts"}, "declared to hold counts.*say scale: log2"),
        ("ln", {"scale": "counts"}, "say scale: ln"),
        ("counts", {"annotation": "kind"}, "no annotation 'kind'.*Cell_type"),
    ],
)
def test_bad_single_cells_are_refused_by_name(
    tmp_path: Path, how: str, said: dict[str, str], message: str
) -> None:
    with pytest.raises(StudyError, match=message) as caught:
        _read(tmp_path, how, **said)
    assert f"{how}.h5ad" in str(caught.value)


@pytest.mark.skipif(not REAL.is_file(), reason=f"the shared data are not there ({REAL})")
def test_markers_agree_with_the_annotation_of_a_real_tumour() -> None:
    pytest.importorskip("anndata")
    pytest.importorskip("decoupler")
    known = {p.cell: p.count or 0.0 for p in read_composition(REAL).parts}
    blind = SingleCellOptions(annotation="none")
    told = {p.cell: p.count or 0.0 for p in read_composition(REAL, blind).parts}
    assert sum(known.values()) == pytest.approx(397)
    assert known["tumour"] == 120
    for cell in ("tumour", "tam", "plasma_cell", "b_cell"):
        assert told[cell] == pytest.approx(known[cell], rel=0.15)


@pytest.mark.skipif(not REAL.is_file(), reason=f"the shared data are not there ({REAL})")
def test_all_cells_together_are_taken_apart_again(tmp_path: Path) -> None:
    """Of one tumour, from which the levels of many markers are: a check of the method, not of the levels."""
    pytest.importorskip("anndata")
    matrix = read_matrix(REAL, None)
    part = matrix.depth / matrix.depth.sum()
    whole = np.asarray(matrix.amounts.T @ part).ravel()
    rows = "".join(f"{g}\t{x:.6g}\n" for g, x in zip(matrix.genes, whole, strict=True))
    path = tmp_path / "whole.tsv"
    path.write_text(f"gene\tTPM\n{rows}", encoding="utf-8")
    found = {p.cell: p.share for p in read_composition(path).parts}
    kinds = {
        "Epithelial cells": {"tumour"},
        "T lymphocytes": SETS.cells(("T",)),
        "B lymphocytes": SETS.cells(("B",)),
        "Myeloid cells": SETS.cells(("phagocyte",)),
    }
    labels = matrix.annotations["Cell_type"].to_numpy()
    for label, cells in kinds.items():
        share = sum(found.get(cell, 0.0) for cell in cells)
        assert share == pytest.approx(part[labels == label].sum(), abs=0.15), label


# ------------------------------------------------------------------ tables


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("T cells", "t cell"),
        ("B_lymphocytes", "b lymphocyte"),
        ("DCs", "dc"),
        ("Myeloid.cells", "myeloid cell"),
    ],
)
def test_labels_are_compared_without_case_separators_and_plural(text: str, plain: str) -> None:
    assert plain_label(text) == plain


def test_markers_and_labels_are_about_cells_that_exist() -> None:
    cells = {row.profile for row in BASE.profiles} | {
        g.name for g in BASE.groups.where("kind", "lineage")
    }
    assert {row.cell for row in BASE.markers} <= cells
    assert {cell for row in BASE.cell_labels for cell in row.cells} <= cells
    assert all(row.value > 0.0 for row in BASE.markers)
    assert len({plain_label(row.label) for row in BASE.cell_labels}) == len(BASE.cell_labels)
