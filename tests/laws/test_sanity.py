"""Qualitative laws that hold whatever the numbers are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.kernel import ResultCode
from glutarium.knowledge.equations import parse_genes
from glutarium.simulate.cell import RestCache, run_lane
from glutarium.simulate.plan import Phase
from glutarium.study.check import CheckOptions, check_studies
from glutarium.study.screen import reference_plan

if TYPE_CHECKING:
    from pathlib import Path

    from glutarium.kernel import Array
    from glutarium.simulate.cell import Lane
    from glutarium.simulate.model import CellModel

CHANGED = 0.05  # what the study format calls a change
DOSES_UM = (0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0)
HOURS = 12.0
RESTED = RestCache()  # all runs below start from the same state of rest


def run(model: CellModel, **parameters: float) -> Lane:
    """The reference dish for some hours with some parameters changed at time zero."""
    plain = reference_plan(model)
    phase = replace(plain.phases[0], parameters=parameters)
    plan = replace(plain, phases=(phase,), times=(0.0, HOURS / 2, HOURS))
    lane = run_lane(model, plan, 0, RESTED)
    assert lane.code is ResultCode.SUCCESS, lane.detail
    return lane


def read(model: CellModel, lane: Lane, name: str) -> Array:
    return np.asarray(lane.observed[:, model.observable_index[name]])


@pytest.fixture(scope="module")
def doses(model: CellModel) -> list[Lane]:
    return [run(model, **{"drug.CB-839": dose}) for dose in DOSES_UM]


def test_more_of_an_inhibitor_of_glutaminase_never_gives_more_flux(
    model: CellModel, doses: list[Lane]
) -> None:
    flux = [float(read(model, lane, "rate.GLS")[-1]) for lane in doses]
    assert all(flux[i + 1] < flux[i] for i in range(len(flux) - 1)), flux
    assert 0.0 < flux[-1] < 0.2 * flux[0]


def test_more_of_it_never_gives_more_glutamate(model: CellModel, doses: list[Lane]) -> None:
    values = np.array([read(model, lane, "conc.glu_m")[-1] for lane in doses])
    assert (np.diff(values) <= 1e-9 * values[0]).all(), values
    assert values[-1] < values[0]


def test_no_dose_of_it_gives_more_growth_than_can_be_told(
    model: CellModel, doses: list[Lane]
) -> None:
    """Glutamine that is left over draws essential amino acids in through SLC7A5, so a partial block may
    gain a little; a gain that the study format would call a change would be a fault."""
    mass = np.array([read(model, lane, "mass")[-1] for lane in doses])
    gained = np.log(mass) / np.log(mass[0])
    assert gained.max() < 1.0 + CHANGED
    assert gained[-1] < 1.0 - CHANGED
    past = int(np.argmax(mass))
    assert (np.diff(mass[past:]) < 0.0).all(), mass


def sole_genes(model: CellModel) -> list[tuple[str, str]]:
    """Gene and reaction, where every isozyme of the reaction needs the gene."""
    found = []
    for reaction in model.network.reactions.values():
        isozymes = parse_genes(reaction.genes)
        if isozymes:
            shared = set.intersection(*(set(i.genes) for i in isozymes))
            found += [(gene, reaction.id) for gene in sorted(shared)]
    return found


def test_a_reaction_without_its_only_gene_stands_still(model: CellModel) -> None:
    pairs = sole_genes(model)
    assert ("GLUD1", "GLUD1") in pairs
    out = np.empty(len(model.kernel.observable_names))
    for gene, reaction in pairs:
        p = model.parameters(0, {f"level.{gene}": 0.0})
        model.kernel.observe(0.0, model.ensemble.initial[0], p, out)
        assert out[model.observable_index[f"rate.{reaction}"]] == 0.0, (gene, reaction)


def test_a_knock_out_stays_one_for_the_whole_run(model: CellModel) -> None:
    lane = run(model, **{"level.GLUD1": 0.0})
    assert (read(model, lane, "rate.GLUD1") == 0.0).all()
    assert (read(model, run(model), "rate.GLUD1") != 0.0).all()


def test_doing_nothing_leaves_the_cell_growing_as_at_rest(model: CellModel) -> None:
    """In a dish of reference medium nothing starts to move but by what the cell uses up."""
    lane = run(model)
    growth = read(model, lane, "growth_rate")
    assert growth[0] == pytest.approx(lane.at_rest[model.observable_index["growth_rate"]])
    assert growth == pytest.approx(growth[0], rel=0.05)


def test_a_fuller_dish_is_used_up_faster(model: CellModel) -> None:
    thin = run(model, **{"dish.density": 0.02})
    thick = run(model, **{"dish.density": 0.2})
    used = [
        1.0 - read(model, lane, "conc.gln_e")[-1] / read(model, lane, "conc.gln_e")[0]
        for lane in (thin, thick)
    ]
    assert 0.0 < used[0] < used[1]


def test_without_oxygen_nothing_is_respired(model: CellModel) -> None:
    plain = reference_plan(model)
    medium = {**plain.phases[0].medium, "o2_e": 0.0}
    plan = replace(plain, phases=(Phase(0.0, {"gas.o2": 0.0}, medium),), times=(0.0, HOURS))
    lane = run_lane(model, plan, 0, RESTED)
    assert lane.code is ResultCode.SUCCESS, lane.detail
    assert read(model, lane, "rate.CIV")[-1] == pytest.approx(0.0, abs=1e-9)
    assert read(model, lane, "rate.LDH")[-1] > 0.0


STUDIES = """
study: {name}
system: cell
duration: 2 h
setup: {{cells: [tumour], medium: {{base: HPLM, glutamine: {glutamine}}}}}
arms:
  vehicle: {{}}
  treated: {{drug: {{CB-839: 1}}}}
expect:
  - {{observable: tumour.flux.GLS, arm: treated, versus: vehicle, is: down}}
  - {{observable: tumour.pool.glutamine, arm: treated, versus: vehicle, is: up}}
"""


def test_results_do_not_depend_on_the_number_of_workers(tmp_path: Path) -> None:
    path = tmp_path / "four.yaml"
    texts = [STUDIES.format(name=f"s{i}", glutamine=0.5 + i) for i in range(4)]
    path.write_text("---".join(texts), encoding="utf-8")
    alone, two = (
        check_studies([path], options=CheckOptions(members=2, workers=workers))
        for workers in (1, 2)
    )
    assert len(alone) == 8
    assert [r.outcome for r in alone] == ["holds"] * 8
    assert alone == two  # to the last bit


def test_an_enzyme_binds_nadh_in_its_side_reaction_as_in_the_main_one(model: CellModel) -> None:
    reactions = model.network.reactions
    side, main = (reactions[name].km("nadh_m") for name in ("LHGM", "MDH2"))
    assert side is not None
    assert main is not None
    assert side.value == main.value
