"""A small vocabulary, so that these tests do not hang on the tables, and a reader of studies.

Tests that run the model use ``model`` (its recorded values) and ``ask_for`` (the packaged vocabulary).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glutarium.knowledge.vocabulary import vocabulary as packaged
from glutarium.names import Name, Vocabulary
from glutarium.study.parse import read_studies
from glutarium.study.subjects import subjects

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glutarium.simulate.model import CellModel
    from glutarium.study.study import Study

_NAMES = {
    "cell": "tumour cd8_effector normal_cell naive_t tam mdsc",
    "organ": "gut liver muscle plasma",
    "cancer": "TNBC breast",
    "genotype": "KRAS MYC PIK3CA TP53 PTEN IDH1_mut EIF2S1_S51A",
    "gene": "GLS GLS2 GLUD1 GLUL SLC38A2 ATF4 LDHA SLC1A3 MYC",
    "handle": "ETC",
    "node": "mTORC1 AMPK",
    "drug": "DON rapamycin hydrogen_peroxide anti-PD-1 tunicamycin",
    "metabolite": "glucose glutamate leucine cystine aspartate palmitate lactate",
    "group": "amino_acids fatty_acids growth_factors nucleotides",
    "condition": "pH",
    "medium": "DMEM HPLM",
    "stimulus": "TCR IL2 IL4 radiation_gy stiffness",
    "tracer": "U-13C-glutamine U-13C-glucose amide-15N-glutamine",
    "fate": "apoptosis ferroptosis",
    "index": "tumour_volume",
    "process": "oxphos glycolysis",
}
_SYNONYMS = (
    Name("glutamine", "metabolite", ("Gln", "L-glutamine", "CHEBI:18050")),
    Name("SLC1A5", "gene", ("ASCT2",)),
    Name("CB-839", "drug", ("telaglenastat",)),
    Name("RPMI-1640", "medium", ("RPMI",)),
)


def make_vocabulary() -> Vocabulary:
    plain = [Name(name, kind) for kind, names in _NAMES.items() for name in names.split()]
    return Vocabulary((*plain, *_SYNONYMS))


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return make_vocabulary()


@pytest.fixture
def read(tmp_path: Path, vocabulary: Vocabulary) -> Callable[[str], list[Study]]:
    """Write a text to a file and read its studies."""

    def _read(text: str) -> list[Study]:
        path = tmp_path / "layer.yaml"
        path.write_text(text, encoding="utf-8")
        return read_studies([path], vocabulary)

    return _read


@pytest.fixture(scope="session")
def model() -> CellModel:
    """The model with its recorded values."""
    return subjects(0).model


@pytest.fixture(scope="session")
def ask_for(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Study]:
    """Write a text to a file and read its one study with the packaged names."""

    def _ask_for(text: str) -> Study:
        path = tmp_path_factory.mktemp("studies") / "asked.yaml"
        path.write_text(text, encoding="utf-8")
        (study,) = read_studies([path], packaged())
        return study

    return _ask_for
