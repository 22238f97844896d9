"""Set points: at rest a cell expresses what its profile measured, whatever regulation does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.knowledge.vocabulary import vocabulary
from glutarium.model.profiles import REFERENCE, level_of
from glutarium.names import Observable
from glutarium.simulate.cell import RestCache, run_lanes
from glutarium.simulate.readout import Reading, reading_of
from glutarium.study.cells import CellReader
from glutarium.study.conditions import Cells, CellSetting, Conditions
from glutarium.study.translate import Translator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glutarium.kernel import Array
    from glutarium.simulate.model import CellModel
    from glutarium.simulate.plan import ArmPlan
    from glutarium.study.study import Study

    Ask = Callable[[str], Study]

STUDY = """
study: rest
system: cell
duration: 24 h
setup: {{cells: [{cell}]{more}}}
arms:
  rest: {{}}
  stimulated: {{stimulus: {{TCR: 1.0}}}}
expect:
  - {{observable: {cell}.growth_rate, arm: stimulated, versus: rest, is: up}}
"""


def plans(model: CellModel, ask_for: Ask, cell: str, more: str = "") -> dict[str, ArmPlan]:
    study = ask_for(STUDY.format(cell=cell, more=more))
    found, missing = Translator(model).plans(study)
    assert missing == []
    return found


def value(model: CellModel, text: str, observed: Array) -> float:
    reading = reading_of(Observable.parse(text, vocabulary()), model, vocabulary())
    assert isinstance(reading, Reading)
    top = sum(w * observed[model.observable_index[n]] for n, w in reading.top.items())
    bottom = reading.bottom or {}
    return float(top / sum(w * observed[model.observable_index[n]] for n, w in bottom.items())
                 if bottom else top)  # fmt: skip


def test_the_reference_cell_has_no_set_point(model: CellModel, ask_for: Ask) -> None:
    assert plans(model, ask_for, REFERENCE)["rest"].rest.profile is None


@pytest.mark.parametrize("cell", ["naive_t", "macrophage_m1"])
def test_rest_has_what_was_measured(model: CellModel, ask_for: Ask, cell: str) -> None:
    plan = plans(model, ask_for, cell)["rest"]
    lane = run_lanes(model, [(plan, 0)], RestCache())[0]
    folds = {r.gene: r.fold for r in model.base.expression.where("profile", cell)}
    assert plan.rest.profile is not None
    genes = plan.rest.profile.genes
    assert {"SLC1A5", "SLC7A5", "GLS"} <= set(genes)
    for gene in genes:
        there = lane.at_rest[model.observable_index[f"expressed.{gene}"]]
        assert there == pytest.approx(level_of(folds[gene], model.base), rel=1e-4), gene


def test_what_the_setup_changes_comes_on_top(model: CellModel, ask_for: Ask) -> None:
    plain = plans(model, ask_for, "naive_t")["rest"]
    poor = plans(model, ask_for, "naive_t", ", gene: {MYC: 0.1, GLS: 0.5}")["rest"]
    assert poor.rest.profile == plain.rest.profile
    one, other = run_lanes(model, [(plain, 0), (poor, 0)], RestCache())
    gls = model.observable_index["expressed.GLS"]
    carrier = model.observable_index["expressed.SLC1A5"]
    assert other.at_rest[gls] < 0.7 * one.at_rest[gls]
    assert other.at_rest[carrier] < 0.95 * one.at_rest[carrier]


def test_expression_was_measured_with_the_genotype_that_stands_beside_it(
    model: CellModel, tmp_path: Path
) -> None:
    table = tmp_path / "line.tsv"
    table.write_text("gene\tfold\nSLC7A11\t3\n", encoding="utf-8")
    beside = CellSetting(expression=table, genotype=("KRAS",))
    reader = CellReader(model, lambda name, why: pytest.fail(f"{name}: {why}"))
    line = reader.plain(Conditions(cells=Cells({REFERENCE: beside})), REFERENCE)
    altered = reader.plain(Conditions(expression=table, genotype=("KRAS",)), REFERENCE)
    assert line[1] == altered[1] == ("SLC7A11",)
    assert line[0]["level.SLC7A11"] == altered[0]["level.SLC7A11"]
    (row,) = model.base.alterations.where("alteration", "KRAS")
    assert line[0]["level.KRAS"] == pytest.approx(row.fold)
    assert "level.KRAS" not in altered[0]


def test_stimuli_do_not_act_before_time_zero(model: CellModel, ask_for: Ask) -> None:
    found = plans(model, ask_for, "naive_t", ", stimulus: {TCR: 1.0}")
    assert "signal.TCR_ligand" not in found["rest"].rest.parameters
    assert found["rest"].phases[0].parameters["signal.TCR_ligand"] == 1.0


def test_a_stimulated_lymphocyte_grows_and_takes_up_glutamine(
    model: CellModel, ask_for: Ask
) -> None:
    found = plans(model, ask_for, "naive_t")
    rest, stimulated = run_lanes(model, [(p, 0) for p in found.values()], RestCache())
    growth = [value(model, "naive_t.growth_rate", x.observed[-1]) for x in (rest, stimulated)]
    assert growth[0] < 0.002
    assert growth[1] > 0.01
    # Newsholme's lymphocytes: 2.7 umol/min/g at rest, half more with concanavalin A.
    uptake = [
        value(model, "naive_t.exchange.glutamine", x)
        for x in (rest.at_rest, stimulated.observed[-1])
    ]
    measured = 2.7e-3 * 60.0
    assert 0.5 < uptake[0] / measured < 2.0
    assert 1.2 < uptake[1] / uptake[0] < 2.2


def test_receptors_are_those_of_the_lineage(model: CellModel, ask_for: Ask) -> None:
    cells = ("naive_t", "macrophage_m1")
    arms = ("rest", "stimulated")
    jobs = [(plans(model, ask_for, cell)[arm], 0) for cell in cells for arm in arms]
    lanes = run_lanes(model, jobs, RestCache())
    signal = [
        value(model, f"{plan.cell}.activity.TCR", lane.observed[-1])
        for (plan, _), lane in zip(jobs, lanes, strict=True)
    ]
    assert signal[1] > 5.0 * signal[0]
    assert signal[3] == pytest.approx(signal[2])  # a macrophage has no such receptor


def test_shares_of_a_lineage_add_up(model: CellModel, ask_for: Ask) -> None:
    plan = plans(model, ask_for, "naive_t")["stimulated"]
    lane = run_lanes(model, [(plan, 0)], RestCache())[0]
    everyone = model.base.groups["differentiation", "CD4 T cells"].members
    for observed in (lane.at_rest, lane.observed[-1]):
        shares = [value(model, f"{cell}.fraction", observed) for cell in everyone]
        assert np.sum(shares) == pytest.approx(1.0)
        assert min(shares) > 0.0
