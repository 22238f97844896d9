"""Cells of a study: a dish each, with its own profile, brought to its own rest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.kernel import ResultCode
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.model.profiles import GROWTH_SIGNAL, level_of
from glutarium.simulate.cell import RestCache, run_lanes
from glutarium.study.cells import dish_name
from glutarium.study.job import make_job
from glutarium.study.translate import Translator
from glutarium.study.values import ask, judge_all, read_member

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan
    from glutarium.study.study import Study
    from glutarium.study.values import Question

    Ask = Callable[[str], Study]

# Growth signals of cells that hardly divide, and of cells that grow in culture.
RESTING, GROWING = 0.05, 0.5

TWO = """
study: two
system: cell
duration: 4 h
setup: {cells: [tumour, normal_cell]}
arms:
  here: {}
  there: {gene: {normal_cell.GLS: 0}}
expect:
  - observable: tumour.growth_rate
    arm: here
    versus: here
    versus_observable: normal_cell.growth_rate
    is: up
  - {observable: normal_cell.flux.GLS, arm: there, versus: here, is: down}
  - {observable: tumour.flux.GLS, arm: there, versus: here, is: unchanged}
  - {observable: tumour.glutamine_dependence, arm: here, is: value, factor: [0.2, 2]}
"""
SWAPPED = """
study: swapped
system: cell
duration: 4 h
setup: {cells: [tumour]}
arms:
  mine: {}
  other: {cells: [fibroblast]}
expect:
  - observable: tumour.growth_rate
    arm: mine
    versus: other
    versus_observable: fibroblast.growth_rate
    is: up
  - {observable: tumour.growth_rate, arm: mine, versus: other, is: up}
"""


def put(model: CellModel, study: Study) -> Question:
    return ask(study, model, vocabulary(), Translator(model))


def one(model: CellModel, ask_for: Ask, setup: str) -> tuple[ArmPlan, list[str]]:
    text = f"study: one\nsystem: cell\nduration: 4 h\nsetup: {setup}\narms: {{plain: {{}}}}\n"
    plans, missing = Translator(model).plans(ask_for(text))
    return next(iter(plans.values())), [m.name for m in missing]


def test_every_cell_of_an_arm_has_a_dish(model: CellModel, ask_for: Ask) -> None:
    question = put(model, ask_for(TWO))
    assert not question.missing
    other = dish_name("here", "normal_cell")
    assert question.dishes["here", "tumour"] == "here"
    assert question.dishes["here", "normal_cell"] == other
    plans = {p.name: p for p in question.plans}
    assert plans[other].rest.key != plans["here"].rest.key
    # The gene of one cell is not that of the other.
    there = plans[dish_name("there", "normal_cell")].phases[0].parameters
    assert there["level.GLS"] == 0.0
    assert "level.GLS" not in plans["there"].phases[0].parameters
    # What an arm does at time zero is not in the rest.
    assert plans[dish_name("there", "normal_cell")].rest.parameters["level.GLS"] > 0.0


def test_values_are_read_from_the_dish_of_their_cell(model: CellModel, ask_for: Ask) -> None:
    question = put(model, ask_for(TWO))
    lanes = run_lanes(model, [(plan, 0) for plan in question.plans], RestCache())
    assert {lane.code for lane in lanes} == {ResultCode.SUCCESS}
    member = read_member(question, model, lanes)
    values = member.values
    assert values["here", "tumour.growth_rate", None] > 10 * abs(
        values["here", "normal_cell.growth_rate", None]
    )
    assert values["there", "normal_cell.flux.GLS", None] == pytest.approx(0.0, abs=1e-9)
    verdicts = judge_all(question, [member])
    assert [v.outcome for v in verdicts] == ["holds"] * 4, verdicts


def test_a_failed_dish_spoils_only_what_is_read_in_it(model: CellModel, ask_for: Ask) -> None:
    question = put(model, ask_for(TWO))
    lanes = run_lanes(model, [(plan, 0) for plan in question.plans], RestCache())
    names = [plan.name for plan in question.plans]
    bad = names.index(dish_name("there", "normal_cell"))
    lanes[bad] = replace(lanes[bad], code=ResultCode.MAX_STEPS, detail="lost")
    verdicts = judge_all(question, [read_member(question, model, lanes)])
    assert [v.outcome for v in verdicts] == ["holds", "no verdict", "holds", "holds"]
    assert "lost" in verdicts[1].reason


def test_arms_may_swap_cells(model: CellModel, ask_for: Ask, tmp_path: Path) -> None:
    question = put(model, ask_for(SWAPPED))
    assert [(p.arm, p.cell) for p in question.plans] == [
        ("mine", "tumour"),
        ("other", "fibroblast"),
    ]
    assert {i: m.name for i, m in question.missing.items()} == {1: "tumour"}
    readings = make_job(question.study, question, model, tmp_path, 1).readings
    assert {"tumour.growth_rate", "fibroblast.growth_rate"} <= set(readings)
    assert readings["fibroblast.reaction.GLS"].cell == "fibroblast"


def test_the_generic_cell_is_the_reference_itself(model: CellModel, ask_for: Ask) -> None:
    plan, missing = one(model, ask_for, "{cells: [tumour]}")
    assert missing == []
    assert not [p for p in plan.rest.parameters if p.startswith(("level.", "signal."))]


@pytest.mark.parametrize(
    ("setup", "profile"),
    [
        ("{cells: [fibroblast]}", "fibroblast"),
        ("{cells: [normal_cell]}", "normal_cell"),
        ("{cells: [tumour], cancer: ccRCC}", "ccRCC"),
        ("{cells: {tumour: {cancer: TNBC}}}", "TNBC"),
        ("{cells: [tumour], cancer: hepatoma}", "hepatoma"),
    ],
)
def test_levels_follow_the_recorded_folds(
    model: CellModel, ask_for: Ask, setup: str, profile: str
) -> None:
    plan, missing = one(model, ask_for, setup)
    assert missing == []
    rest = plan.rest.parameters
    folds = {r.gene: r.fold for r in model.base.expression.where("profile", profile)}
    known = [g for g in folds if f"level.{g}" in model.parameter_index]
    assert known
    for gene in known:
        assert rest[f"level.{gene}"] == level_of(folds[gene], model.base)
    assert rest[GROWTH_SIGNAL] == model.base.profiles[profile].value


def test_genotype_and_genes_multiply_what_the_profile_makes(model: CellModel, ask_for: Ask) -> None:
    plain, _ = one(model, ask_for, "{cells: [tumour], cancer: ccRCC}")
    both, _ = one(
        model, ask_for, "{cells: [tumour], cancer: ccRCC, genotype: [MYC], gene: {MYC: 0.5}}"
    )
    fold = next(
        r.fold for r in model.base.alterations.where("alteration", "MYC") if r.gene == "MYC"
    )
    level = "level.MYC"
    assert both.rest.parameters[level] == pytest.approx(
        0.5 * fold * plain.rest.parameters.get(level, 1.0)
    )


def test_cancer_and_genotype_are_the_tumours_alone(model: CellModel, ask_for: Ask) -> None:
    plain, _ = one(model, ask_for, "{cells: [normal_cell]}")
    both, _ = one(model, ask_for, "{cells: [normal_cell], cancer: ccRCC, genotype: [MYC]}")
    assert both.rest.parameters == plain.rest.parameters


def test_a_cell_without_a_profile_is_named(model: CellModel, ask_for: Ask) -> None:
    assert one(model, ask_for, "{cells: [beta_cell]}")[1] == ["beta_cell"]


def test_expression_personalises_the_tumour(model: CellModel, ask_for: Ask, tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text("gene\tfold\nGLS\t4\nMKI67\t3\n", encoding="utf-8")
    plan, missing = one(model, ask_for, f"{{cells: [tumour], cancer: ccRCC, expression: {path}}}")
    assert missing == []
    rest = plan.rest.parameters
    assert rest["level.GLS"] == level_of(4.0, model.base)
    assert rest[GROWTH_SIGNAL] == pytest.approx(level_of(3.0, model.base))
    under = next(r for r in model.base.expression.where("profile", "ccRCC") if r.gene == "SLC2A1")
    assert rest["level.SLC2A1"] == level_of(under.fold, model.base)


def test_every_profile_comes_to_rest_and_the_resting_cell_hardly_grows(
    model: CellModel, ask_for: Ask
) -> None:
    names = [r.profile for r in model.base.profiles]
    cells = {e.name for kind in ("cell", "organ") for e in vocabulary().of_kind(kind)}
    setups = [
        f"{{cells: [{n}]}}" if n in cells else f"{{cells: [tumour], cancer: {n}}}" for n in names
    ]
    plans = [one(model, ask_for, setup)[0] for setup in setups]
    cache = RestCache()
    lanes = run_lanes(model, [(plan, 0) for plan in plans], cache)
    bad = {n: lane.detail for n, lane in zip(names, lanes, strict=True) if lane.detail}
    assert bad == {}
    growth = {
        n: lane.at_rest[model.observable_index["growth_rate"]]
        for n, lane in zip(names, lanes, strict=True)
    }
    reference = growth["tumour"]
    signals = {r.profile: r.value for r in model.base.profiles}
    assert all(0.0 < growth[n] < 0.2 * reference for n, s in signals.items() if s <= RESTING)
    assert all(0.3 < growth[n] / reference < 2.0 for n, s in signals.items() if s >= GROWING)
    # Maintenance goes on without growth: protein is renewed and ATP is there.
    resting = lanes[names.index("normal_cell")].at_rest
    assert resting[model.observable_index["rate.PROTDEG"]] > 0.0
    assert resting[model.observable_index["conc.atp_c"]] > 1.0
    assert np.isfinite(resting).all()
