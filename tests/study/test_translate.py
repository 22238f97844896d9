"""Every condition key: what it becomes, or that it is named as missing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glutarium.knowledge.base import load
from glutarium.simulate.model import medium_of
from glutarium.study.conditions import CONDITION_KEYS
from glutarium.study.translate import Translator, starved_name, without_glutamine

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan, Phase
    from glutarium.study.study import Study

    Plans = Callable[..., dict[str, ArmPlan]]
    Lacks = Callable[..., list[str]]

STUDY = """
study: asked
system: {system}
duration: 24 h
setup: {setup}
arms:
  plain: {{}}
  arm: {arm}
"""
CELLS = "cells: [tumour]"


@pytest.fixture
def translate(
    model: CellModel, ask_for: Callable[[str], Study]
) -> Callable[..., tuple[dict[str, ArmPlan], list[str]]]:
    """Plans of an arm with some conditions, and the names of what is missing."""

    def _translate(
        arm: str = "{}", setup: str = "{cells: [tumour]}", system: str = "cell"
    ) -> tuple[dict[str, ArmPlan], list[str]]:
        study = ask_for(STUDY.format(arm=arm, setup=setup, system=system))
        plans, missing = Translator(model).plans(study)
        return plans, [m.name for m in missing]

    return _translate


@pytest.fixture
def plans(translate: Callable[..., tuple[dict[str, ArmPlan], list[str]]]) -> Plans:
    def _plans(arm: str = "{}", **more: str) -> dict[str, ArmPlan]:
        found, missing = translate(arm, **more)
        assert missing == []
        return found

    return _plans


@pytest.fixture
def lacks(translate: Callable[..., tuple[dict[str, ArmPlan], list[str]]]) -> Lacks:
    return lambda arm="{}", **more: translate(arm, **more)[1]


def first(plan: ArmPlan) -> Phase:
    return plan.phases[0]


def changed(plans: dict[str, ArmPlan]) -> dict[str, float]:
    """Parameters of the first phase that the arm sets and the plain one does not."""
    mine, plain = first(plans["arm"]).parameters, first(plans["plain"]).parameters
    return {k: v for k, v in mine.items() if plain.get(k) != v}


def moved(plans: dict[str, ArmPlan]) -> dict[str, float]:
    """Species of the medium in which the arm differs from the plain one."""
    mine, plain = first(plans["arm"]).medium, first(plans["plain"]).medium
    return {k: v for k, v in mine.items() if plain[k] != v}


def test_an_arm_of_nothing_is_a_dish_of_the_default_medium(model: CellModel, plans: Plans) -> None:
    plan = plans()["arm"]
    recipe = medium_of(model.base, model.network, "RPMI-1640")
    oxygen = 0.21 * model.network.constants["gas.oxygen_solubility"].value
    (phase,) = plan.phases
    assert phase.medium == {**recipe, "o2_e": oxygen}
    contexts = {"context.cell:tumour": 1.0, "context.lineage:adherent": 1.0}
    assert phase.parameters == {"gas.o2": oxygen, **contexts}
    assert plan.rest.medium == phase.medium
    assert (plan.times[0], plan.times[-1]) == (0.0, 24.0)
    assert plan.before is None


def test_every_arm_shares_the_rest_of_the_setup(plans: Plans) -> None:
    """Rest follows from the setup's genes and base medium alone, at ambient oxygen."""
    setup = """{cells: [tumour], gene: {GLS: 0.5}, oxygen: 0.01, drug: {CB-839: 1},
      medium: {base: DMEM, glutamine: 9}}"""
    found = plans("{gene: {GLUD1: 0}, medium: {glucose: 1}, supplement: {alanine: 3}}", setup=setup)
    arm, plain = found["arm"], found["plain"]
    assert arm.rest == plain.rest
    assert arm.rest.parameters["level.GLS"] == 0.5
    assert "level.GLUD1" not in arm.rest.parameters
    assert "drug.CB-839" not in arm.rest.parameters
    assert arm.rest.parameters["gas.o2"] > 10 * first(arm).parameters["gas.o2"]
    assert arm.rest.medium["gln_e"] != 9.0
    assert arm.rest.medium["ala_e"] != first(arm).medium["ala_e"]


def test_cells_set_density_genotype_and_genes_of_the_tumour(plans: Plans) -> None:
    arm = "{cells: {tumour: {density: 0.1, genotype: [MYC], gene: {GLS: 3, GLUD1: 0}}}}"
    found = changed(plans(arm))
    alone = changed(plans("{genotype: [MYC]}"))
    assert found["dish.density"] == 0.1
    assert found["level.GLUD1"] == 0.0
    assert found["level.GLS"] == 3.0
    assert found["level.MYC"] == alone["level.MYC"] > 1.0


def test_genotype_scales_the_genes_that_the_table_names(model: CellModel, plans: Plans) -> None:
    found = changed(plans("{genotype: [IDH1_mut, MYC]}"))
    expected: dict[str, float] = {}
    for name in ("IDH1_mut", "MYC"):
        for row in model.base.alterations.where("alteration", name):
            if f"level.{row.gene}" in model.parameter_index:
                expected[f"level.{row.gene}"] = expected.get(f"level.{row.gene}", 1.0) * row.fold
    assert set(expected) == {"level.MYC", "level.IDH1", "level.IDH1_neo"}
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("written", ["GLS", "tumour.GLS"])
def test_gene_scales_a_protein(plans: Plans, written: str) -> None:
    assert changed(plans(f"{{gene: {{{written}: 0.3}}}}")) == {"level.GLS": 0.3}


def test_gene_of_the_arm_replaces_that_of_the_setup(plans: Plans) -> None:
    found = plans("{gene: {GLS: 0}}", setup="{cells: [tumour], gene: {GLS: 0.5, GLUL: 2}}")
    assert first(found["arm"]).parameters["level.GLS"] == 0.0
    assert first(found["arm"]).parameters["level.GLUL"] == 2.0
    assert found["arm"].rest.parameters["level.GLS"] == 0.5


def test_a_handle_scales_all_its_genes(model: CellModel, plans: Plans) -> None:
    group = model.base.groups.get("gene", "ETC")
    assert group is not None
    found = changed(plans("{gene: {ETC: 0.1}}"))
    assert found == {f"level.{gene}": 0.1 for gene in group.members}


def test_medium_takes_base_groups_and_values_in_this_order(model: CellModel, plans: Plans) -> None:
    arm = "{medium: {base: DMEM, glutamine: 0.7, amino_acids: 0.5, glucose: 0}}"
    medium = first(plans(arm)["arm"]).medium
    dmem = medium_of(model.base, model.network, "DMEM")
    assert medium["gln_e"] == 0.7  # a named value wins over its group
    assert medium["leu_e"] == pytest.approx(0.5 * dmem["leu_e"])
    assert medium["cyx_e"] == pytest.approx(0.5 * dmem["cyx_e"])
    assert medium["glc_e"] == 0.0
    assert medium["lac_e"] == dmem["lac_e"]


def test_a_group_in_the_arm_does_not_undo_a_value_of_the_setup(plans: Plans) -> None:
    setup = "{cells: [tumour], medium: {glutamine: 4}}"
    medium = first(plans("{medium: {amino_acids: 0}}", setup=setup)["arm"]).medium
    assert medium["gln_e"] == 4.0
    assert medium["leu_e"] == 0.0


def test_the_medium_has_the_ph_that_is_asked_for(plans: Plans) -> None:
    assert moved(plans("{medium: {pH: 6.8}}")) == {"pH_e": 6.8}


def test_supplement_comes_on_top(model: CellModel, plans: Plans) -> None:
    arm = "{medium: {glutamine: 1, pyruvate: 0}, supplement: {glutamine: 2, pyruvate: 0.5}}"
    medium = first(plans(arm)["arm"]).medium
    assert medium["gln_e"] == 3.0
    assert medium["pyr_e"] == 0.5
    recipe = medium_of(model.base, model.network, "RPMI-1640")
    more = first(plans("{supplement: {amino_acids: 2}}")["arm"]).medium
    assert more["leu_e"] == pytest.approx(3.0 * recipe["leu_e"])
    both = first(plans("{supplement: {nucleotides: 0.1}}")["arm"]).medium
    assert both["uri_e"] == pytest.approx(recipe["uri_e"] + 0.1)
    assert both["hxan_e"] == pytest.approx(recipe["hxan_e"] + 0.1)


def test_oxygen_sets_gas_and_medium(model: CellModel, plans: Plans) -> None:
    found = plans("{oxygen: 0.01}")
    dissolved = 0.01 * model.network.constants["gas.oxygen_solubility"].value
    assert changed(found) == {"gas.o2": pytest.approx(dissolved)}
    assert moved(found) == {"o2_e": pytest.approx(dissolved)}


def test_a_drug_is_held_at_its_concentration(plans: Plans) -> None:
    found = plans("{drug: {telaglenastat: 100 nM, hydrogen_peroxide: 20}}")
    assert changed(found) == {"drug.CB-839": 0.1, "drug.hydrogen_peroxide": 20.0}
    assert moved(found) == {}


def test_an_alternative_switches_the_disputed_target(model: CellModel, plans: Plans) -> None:
    for answer, other in (("SLC38A2", "SLC1A5"), ("SLC1A5", "SLC38A2")):
        found = first(plans(f"{{alternatives: {{v9302_target: {answer}}}}}")["arm"]).parameters
        assert found[f"alternative.v9302_target.{answer}"] == 1.0
        assert found[f"alternative.v9302_target.{other}"] == 0.0
    assert set(found) <= set(model.parameter_index)


def test_a_tracer_changes_nothing_but_what_could_be_read(plans: Plans) -> None:
    found = plans("{tracer: U-13C-glutamine}")
    phases = tuple(replace(phase, tracer="") for phase in found["arm"].phases)
    assert phases == found["plain"].phases
    assert found["arm"].phases[0].tracer == "U-13C-glutamine"


def test_a_pre_treatment_has_the_setup_under_it_but_not_the_arm(plans: Plans) -> None:
    setup = "{cells: [tumour], gene: {GLUL: 2}, medium: {glutamine: 4}}"
    arm = "{drug: {CB-839: 1}, pre_treatment: {for: 6 h, medium: {glutamine: 0}, oxygen: 0.02}}"
    found = plans(arm, setup=setup)["arm"]
    assert found.before is not None
    assert found.before_h == 6.0
    assert found.before.medium["gln_e"] == 0.0
    assert found.before.parameters["level.GLUL"] == 2.0
    assert "drug.CB-839" not in found.before.parameters
    assert first(found).medium["gln_e"] == 4.0
    assert first(found).parameters["gas.o2"] == pytest.approx(
        found.before.parameters["gas.o2"] * 0.21 / 0.02
    )


def test_a_pre_treatment_lasts_a_day_unless_said(plans: Plans) -> None:
    assert plans("{pre_treatment: {oxygen: 0.02}}")["arm"].before_h == 24.0


def test_a_timed_change_sets_what_it_names_and_keeps_the_rest(plans: Plans) -> None:
    arm = """{drug: {CB-839: 1}, medium: {glucose: 5}, at: [
      {time: 12 h, medium: {glutamine: 0}}, {time: 6 h, drug: {CB-839: 0}, oxygen: 0.01}]}"""
    start, second, third = plans(arm)["arm"].phases
    assert (start.start_h, second.start_h, third.start_h) == (0.0, 6.0, 12.0)
    assert start.medium["glc_e"] == 5.0
    assert set(second.medium) == {"o2_e"}
    assert second.parameters["drug.CB-839"] == 0.0
    assert second.parameters["gas.o2"] == second.medium["o2_e"]
    assert third.medium == {"gln_e": 0.0}
    # What an earlier change said holds on.
    assert third.parameters == second.parameters


def test_a_timed_change_of_base_is_fresh_medium(model: CellModel, plans: Plans) -> None:
    arm = "{medium: {glutamine: 0}, at: [{time: 12 h, medium: {base: HPLM}}]}"
    _, second = plans(arm)["arm"].phases
    recipe = medium_of(model.base, model.network, "HPLM")
    assert set(second.medium) == set(recipe)
    assert second.medium["glc_e"] == recipe["glc_e"]
    assert second.medium["gln_e"] == 0.0  # said before and not taken back


def test_a_timed_supplement_is_added_once_to_what_is_left(model: CellModel, plans: Plans) -> None:
    arm = """{supplement: {alanine: 3}, at: [
      {time: 6 h, supplement: {glutamine: 2, amino_acids: 0.5}},
      {time: 12 h, medium: {glutamine: 1, alanine: 0}, supplement: {glutamine: 0.5}},
      {time: 18 h, medium: {base: HPLM}}]}"""
    start, second, third, fresh = plans(arm)["arm"].phases
    recipe = medium_of(model.base, model.network, "RPMI-1640")
    hplm = medium_of(model.base, model.network, "HPLM")
    assert start.added == {}
    assert second.medium == {}
    assert second.added["gln_e"] == pytest.approx(2.0 + 0.5 * recipe["gln_e"])
    assert second.added["leu_e"] == pytest.approx(0.5 * recipe["leu_e"])
    # What stood in the arm's recipe is on top of a medium that is set; what was added once is not.
    assert third.medium == {"gln_e": 1.0, "ala_e": 3.0}
    assert third.added == {"gln_e": 0.5}
    assert fresh.added == {}
    assert fresh.medium["leu_e"] == hplm["leu_e"]


def test_times_of_read_outs_are_among_those_reported(
    model: CellModel, ask_for: Callable[[str], Study]
) -> None:
    text = STUDY.format(arm="{}", setup="{cells: [tumour]}", system="cell") + (
        "readouts: [{observable: tumour.growth_rate, at: 1.234 h}]\n"
        "expect: [{observable: tumour.growth_rate, arm: arm, is: value, at: 5.678 h, factor: [0, 1]}]\n"
    )
    found, _ = Translator(model).plans(ask_for(text))
    times = found["arm"].times
    assert {1.234, 5.678} <= set(times)
    assert list(times) == sorted(times)


UNSUPPORTED = {
    "cells": ("{cells: [tumour, beta_cell]}", "beta_cell"),
    "add_cells": ("{add_cells: [beta_cell]}", "beta_cell"),
    "clones": ("{clones: {MYC: 0.5, none: 0.5}}", "clones"),
    "gene": ("{gene: {ANGPT1: 0}}", "ANGPT1"),
    "medium": ("{medium: {insulin: 0.1}}", "insulin"),
    "supplement": ("{supplement: {insulin: 1}}", "insulin"),
    "drug": ("{drug: {EVAx: 1}}", "EVAx"),
    "spheroid": ("{spheroid: 500 um}", "spheroid"),
    "tumour_mass_kg": ("{tumour_mass_kg: 0.2}", "tumour_mass_kg"),
    "alternatives": ("{alternatives: {v9302_target: GLS}}", "v9302_target: GLS"),
    "pre_treatment": ("{pre_treatment: {drug: {EVAx: 1}}}", "EVAx"),
    "at": ("{at: [{time: 6 h, drug: {EVAx: 1}}]}", "EVAx"),
}


@pytest.mark.parametrize("key", UNSUPPORTED)
def test_what_the_model_lacks_is_named(lacks: Lacks, key: str) -> None:
    arm, name = UNSUPPORTED[key]
    assert name in lacks(arm)


def test_no_key_is_passed_over(plans: Plans) -> None:
    """Keys without a case above are those that always become something."""
    assert set(CONDITION_KEYS) - set(UNSUPPORTED) == {
        "oxygen",
        "tracer",
        "tracer_purity",
        "natural_abundance",
        "cancer",
        "expression",
        "genotype",
        "stimulus",
    }


@pytest.mark.parametrize(
    ("arm", "name"),
    [
        ("{gene: {beta_cell.GLS: 0}, cells: {beta_cell: }}", "beta_cell"),
        ("{gene: {normal_cell.GLS: 0}}", "normal_cell"),
        ("{drug: {CB-839: {dose: 800 mg, route: oral}}}", "doses of CB-839"),
        ("{alternatives: {no_such_question: x}}", "no_such_question: x"),
        ("{at: [{time: 6 h, natural_abundance: true}]}", "natural_abundance"),
        ("{at: [{time: 6 h, tracer_purity: 0.9}]}", "tracer_purity"),
    ],
)
def test_parts_of_a_key_that_are_missing_are_named_too(lacks: Lacks, arm: str, name: str) -> None:
    assert name in lacks(arm)


@pytest.mark.parametrize("system", ["body"])
def test_other_systems_are_missing(lacks: Lacks, system: str) -> None:
    assert lacks(system=system) == [f"system {system}"]


def test_a_lack_is_named_once_and_forgotten_by_the_next_study(
    model: CellModel, ask_for: Callable[[str], Study]
) -> None:
    translator = Translator(model)
    bad = "{drug: {EVAx: 1}, at: [{time: 6 h, oxygen: 0.1}]}"
    _, missing = translator.plans(
        ask_for(STUDY.format(arm=bad, setup=f"{{{CELLS}}}", system="cell"))
    )
    assert [m.name for m in missing] == ["EVAx"]
    _, missing = translator.plans(
        ask_for(STUDY.format(arm="{}", setup=f"{{{CELLS}}}", system="cell"))
    )
    assert missing == []


def test_the_twin_without_glutamine_differs_in_nothing_else(plans: Plans) -> None:
    arm = "{at: [{time: 6 h, medium: {glucose: 1}}, {time: 12 h, medium: {glutamine: 8}}]}"
    plan = plans(arm)["arm"]
    twin = without_glutamine(plan)
    assert twin.name == starved_name("arm") != "arm"
    assert twin.rest == plan.rest
    assert [phase.medium.get("gln_e") for phase in twin.phases] == [0.0, None, 0.0]
    for mine, other in zip(twin.phases, plan.phases, strict=True):
        assert {**mine.medium, "gln_e": 1.0} == {**other.medium, "gln_e": 1.0}
        assert mine.parameters == other.parameters
    fed = plans("{at: [{time: 6 h, supplement: {glutamine: 1, alanine: 1}}]}")["arm"]
    assert without_glutamine(fed).phases[1].added == {"ala_e": 1.0}


def test_a_protein_of_the_medium_fills_its_receptors(plans: Plans) -> None:
    """Half of the receptors at the level of half effect, on top of what stimulates."""
    half = (load().messengers["IL2"].half or 0.0) * 1e-6
    arm = f"{{supplement: {{IL2: {half!r}}}}}"
    assert plans(arm)["arm"].phases[0].parameters["signal.IL2_ligand"] == pytest.approx(0.5)
    arm = f"{{supplement: {{IL2: {half!r}}}, stimulus: {{IL2: 0.5}}}}"
    assert plans(arm)["arm"].phases[0].parameters["signal.IL2_ligand"] == pytest.approx(0.75)
