"""Studies of every kind are read as they were meant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from glutarium.names import Target
from glutarium.study.conditions import CellSetting, Dose, PreTreatment
from glutarium.study.parse import read_studies

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.names import Vocabulary
    from glutarium.study.study import Study

    Reader = Callable[[str], list[Study]]

VARIED = Path(__file__).parent / "studies" / "varied.yaml"


@pytest.fixture(scope="module")
def studies(vocabulary: Vocabulary) -> dict[str, Study]:
    return {study.id: study for study in read_studies([VARIED], vocabulary)}


def test_all_documents_of_a_file_are_read_in_order(studies: dict[str, Study]) -> None:
    assert list(studies)[:3] == ["knock-out", "combination", "rescue"]
    assert len(studies) == 10


def test_a_folder_is_read_by_its_yaml_files(vocabulary: Vocabulary) -> None:
    assert len(read_studies([VARIED.parent], vocabulary)) == 10


def test_identity_and_location(studies: dict[str, Study]) -> None:
    study = studies["combination"]
    assert (study.layer, study.location.line) == ("varied", 13)
    assert study.text.startswith("study: combination")
    assert "study: rescue" not in study.text
    assert studies["knock-out"].claims == ("T-001", "T-002")
    assert studies["clones"].disputed_with == ("T-099",)


@pytest.mark.parametrize(
    ("study", "hours"),
    [("knock-out", 24), ("combination", 336), ("rescue", 48), ("oral", 72), ("other-cell", 48)],
)
def test_each_system_has_its_default_duration(
    studies: dict[str, Study], study: str, hours: float
) -> None:
    assert studies[study].duration_h == hours


def test_words_that_yaml_takes_for_booleans_stay_words(studies: dict[str, Study]) -> None:
    study = studies["knock-out"]
    assert list(study.arms) == ["wild_type", "off"]
    assert study.expectations[0].arm == ("off",)


def test_synonyms_and_units_become_canonical(studies: dict[str, Study]) -> None:
    study = studies["combination"]
    assert study.setup.medium is not None
    assert study.setup.medium.values == {"glutamine": 0.5}
    assert study.arms["one"].conditions.drug == {"CB-839": 1.0}
    assert study.arms["two"].conditions.drug == pytest.approx({"anti-PD-1": 0.07})
    assert studies["rescue"].arms["starved"].conditions.supplement == pytest.approx(
        {"aspartate": 0.15}
    )
    assert studies["rescue"].setup.oxygen == pytest.approx(0.21)


def test_an_arm_is_merged_over_the_setup_key_by_key(studies: dict[str, Study]) -> None:
    merged = studies["rescue"].merged("fed")
    assert merged.oxygen == 0.005
    assert merged.supplement == {"aspartate": 10.0}
    assert merged.gene == {Target("SLC1A3", "gene", "tumour"): 3.0}
    # What an arm changes never enters the setup, from which a cell's rest follows.
    assert studies["rescue"].setup.oxygen == pytest.approx(0.21)
    assert studies["rescue"].setup.supplement is None


def test_a_bare_gene_acts_on_the_tumour_or_the_first_cell(studies: dict[str, Study]) -> None:
    immune = studies["immune"]
    assert immune.merged("active").gene == {
        Target("GLS", "gene", "naive_t"): 0.5,
        Target("SLC38A2", "gene", "naive_t"): 0.0,
    }
    together = studies["added"].arms["together"].conditions
    assert together.gene == {Target("GLS", "gene", "tumour"): 0.1}
    change = studies["timed"].merged("late").at
    assert change is not None
    assert change[0].conditions.gene == {Target("GLS", "gene", "tumour"): 0.5}


def test_a_mapping_of_cells_is_merged_and_a_list_replaces(studies: dict[str, Study]) -> None:
    cells = studies["other-cell"].merged("crowded").cells
    assert cells is not None
    assert cells.names == ("tumour", "cd8_effector")
    assert cells.settings["cd8_effector"] == CellSetting(density=0.1)
    assert cells.settings["tumour"] == CellSetting(
        fraction=0.8, cancer="TNBC", genotype=("KRAS",), gene={"SLC1A5": 2.0}
    )


def test_doses(studies: dict[str, Study]) -> None:
    drugs = studies["oral"].arms["treated"].conditions.drug
    assert drugs == {
        "CB-839": Dose(800.0, per_kg=False, route="oral", every_h=12.0, start_h=6.0, stop_h=48.0),
        "DON": Dose(1.6, per_kg=True, route="iv"),
    }
    assert studies["oral"].setup.tumour_mass_kg == 0.2


def test_time(studies: dict[str, Study]) -> None:
    timed = studies["timed"]
    before = timed.merged("early").pre_treatment
    assert isinstance(before, PreTreatment)
    assert (before.duration_h, before.conditions.drug) == (8.0, {"CB-839": 1.0})
    late = timed.merged("late")
    assert late.at is not None
    assert [change.time_h for change in late.at] == [0.5, 12.0]
    assert late.alternatives == {"v9302_target": "SLC38A2"}


def test_medium(studies: dict[str, Study]) -> None:
    medium = studies["timed"].setup.medium
    assert medium is not None
    assert medium.base == "RPMI-1640"
    assert medium.values == {"glutamine": 0.0, "amino_acids": 0.5, "pH": 7.2}


def test_clones_and_stimuli(studies: dict[str, Study]) -> None:
    assert studies["clones"].arms["mixed"].conditions.clones == {"MYC": 0.5, "none": 0.5}
    assert studies["other-cell"].setup.stimulus == {"TCR": 1.0, "radiation_gy": 2.0}


def test_expectations(studies: dict[str, Study]) -> None:
    synergy, pair = studies["combination"].expectations
    assert (synergy.a, synergy.b, synergy.versus, synergy.hard) == ("one", "two", ("none",), True)
    assert (pair.arm, pair.versus) == (("both", "one"), ("two", "none"))
    (value,) = studies["tracing"].expectations
    assert (value.factor, value.at_h) == ((0.3, None), 12.0)
    (other,) = studies["other-cell"].expectations
    assert [(arm, o.name) for arm, o in other.needs()] == [
        ("dish", "tumour.uptake.glutamine"),
        ("dish", "cd8_effector.uptake.glutamine"),
    ]
    assert [arm for arm, _ in synergy.needs()] == ["both", "one", "two", "none"]


def test_what_is_read_out(studies: dict[str, Study]) -> None:
    tracing = studies["tracing"]
    assert [o.name for o in tracing.observables()] == [
        "tumour.growth_rate",
        "tumour.pool.glutamine",
        "tumour.label.glutamate_M5",
    ]
    assert tracing.readouts[1].at_h == 6.0


def test_a_table_of_expression_lies_beside_the_study(read: Reader, tmp_path: Path) -> None:
    (tmp_path / "cells.tsv").write_text("gene\tTPM\n", encoding="utf-8")
    (study,) = read(
        "study: a\nsystem: cell\nsetup: {cells: [tumour], expression: cells.tsv}\narms: {x: {}}\n"
    )
    assert study.setup.expression == tmp_path / "cells.tsv"
