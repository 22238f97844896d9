"""The whole stress screen: conditions from the network, alarms from runs, capacities from proteins."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.errors import KnowledgeError
from glutarium.kernel import ResultCode
from glutarium.simulate.cell import Lane
from glutarium.study.growth_bound import bounded_growth
from glutarium.study.protein_capacity import (
    ABUNDANCE,
    NAMES,
    TURNOVER,
    compare_capacities,
    read_proteins,
)
from glutarium.study.screen import halves
from glutarium.study.stress import recorded_model, run_stress
from glutarium.study.stress_alarms import Alarm, Watch
from glutarium.study.stress_conditions import (
    JUDGE,
    SELECT,
    StressCondition,
    conditions,
    stress_plan,
    undosed,
)

if TYPE_CHECKING:
    from pathlib import Path

    from glutarium.kernel import Array
    from glutarium.simulate.model import CellModel


@pytest.fixture(scope="module")
def recorded() -> CellModel:
    return recorded_model()


@pytest.fixture(scope="module")
def made(recorded: CellModel) -> dict[str, StressCondition]:
    return {c.condition: c for c in conditions(recorded)}


# --------------------------------------------------------------------------------------- conditions


def test_every_reaction_with_a_gene_is_blocked_and_raised(
    recorded: CellModel, made: dict[str, StressCondition]
) -> None:
    carried = [r for r, x in recorded.network.reactions.items() if x.genes]
    assert {f"block {r}" for r in carried} | {f"raise {r}" for r in carried} <= set(made)
    assert made["block GLS"].factors == {"vmax.GLS": 0.02}
    assert made["raise GLS"].factors == {"vmax.GLS": 3.0}
    assert "block ATPM" not in made  # nobody's protein


def test_every_nutrient_is_taken_away_and_no_gas(
    recorded: CellModel, made: dict[str, StressCondition]
) -> None:
    recipe = {r.species for r in recorded.base.media.where("medium", "reference") if r.value > 0}
    taken = {c.removeprefix("no ") for c, x in made.items() if x.kind == "nutrient"}
    assert taken == {s for s in recipe if s in recorded.state_index} - {"o2_e", "co2_e"}
    assert "no pH_e" not in made
    assert made["no gln_e"].medium == {"gln_e": 0.0}


def test_oxygen_has_the_levels_of_the_table(made: dict[str, StressCondition]) -> None:
    levels = [c.parameters["gas.o2"] for c in made.values() if c.kind == "oxygen"]
    assert [level / levels[0] for level in levels] == pytest.approx([1, 5 / 21, 1 / 21, 0.1 / 21])
    assert all(
        c.medium["o2_e"] == c.parameters["gas.o2"] for c in made.values() if c.medium.get("o2_e")
    )


def test_inhibitors_are_dosed_by_their_potency(
    recorded: CellModel, made: dict[str, StressCondition]
) -> None:
    doses = {n: x for c in made.values() if c.kind == "drug" for n, x in c.parameters.items()}
    assert doses["drug.CB-839"] == pytest.approx(10 * 0.002)
    assert "L-asparaginase" in undosed(recorded)
    assert "GLS" in next(c for c in made.values() if "drug.CB-839" in c.parameters).blocks


def test_what_the_short_screen_chooses_by_does_not_judge(
    recorded: CellModel, made: dict[str, StressCondition]
) -> None:
    chosen, judged = halves(tuple(recorded.base.screen))
    for half, rows in ((SELECT, chosen), (JUDGE, judged)):
        assert {made[c.condition].half for c in rows if c.condition in made} == {half}
    counts = [sum(c.half == half for c in made.values()) for half in (SELECT, JUDGE)]
    assert min(counts) > 0.35 * sum(counts)


def test_a_condition_starts_from_rest_in_the_reference_medium(
    recorded: CellModel, made: dict[str, StressCondition]
) -> None:
    plan = stress_plan(recorded, made["no gln_e"])
    (phase,) = plan.phases
    assert plan.rest.medium["gln_e"] > 0.0 == phase.medium["gln_e"]
    assert plan.times[-1] == 72.0


# ------------------------------------------------------------------------------------------- alarms


def at_rest(model: CellModel) -> Array:
    names = model.kernel.observable_names
    rest = np.empty(len(names))
    model.kernel.observe(0.0, model.ensemble.initial[0], model.parameters(0, {}), rest)
    return rest


def lane(model: CellModel, **concentrations: float) -> Lane:
    """A run that goes from rest to rest with some concentrations, mM, changed."""
    rest = at_rest(model)
    end = rest.copy()
    for species, value in concentrations.items():
        end[model.observable_index[f"conc.{species}"]] = value
    p = model.parameters(0, {})
    observed = np.array([rest, end])
    return Lane(np.array([0.0, 72.0]), observed, rest, p, p, ResultCode.SUCCESS, "")


def look(model: CellModel, blocks: str = "", **concentrations: float) -> list[Alarm]:
    found = Watch.of(model).look(lane(model, **concentrations), frozenset(blocks.split()))
    return [a for a in found if a.kind != "energy"] if "atp_c" not in concentrations else found


def test_nothing_is_alarming_at_rest(recorded: CellModel) -> None:
    assert look(recorded) == []


def test_a_pool_is_an_alarm_above_its_fold_and_its_floor(recorded: CellModel) -> None:
    rest = at_rest(recorded)[recorded.observable_index["conc.suc_m"]]
    (alarm,) = look(recorded, suc_m=31 * rest)
    assert (alarm.kind, alarm.subject, alarm.limit) == ("pool", "suc_m", 30.0)
    assert alarm.value == pytest.approx(31.0)
    assert look(recorded, suc_m=25 * rest) == []
    assert look(recorded, icit_c=0.049) == []  # far above nothing, and still nothing


def test_a_real_accumulation_bears_its_source(recorded: CellModel) -> None:
    high = 100 * at_rest(recorded)[recorded.observable_index["conc.suc_m"]]
    (known,) = look(recorded, "SDH", suc_m=high)
    assert known.source == ", ".join(recorded.base.expected["SDH", "suc_m"].source)
    (other,) = look(recorded, "FH", suc_m=high)
    assert other.source == ""


def test_a_carrier_that_is_really_trapped_bears_its_source(recorded: CellModel) -> None:
    oxidised = {"trxo_c": 1.0}
    (known,) = [a for a in look(recorded, "TXNR", **oxidised) if a.kind == "locked"]
    assert known.source == ", ".join(recorded.base.expected["TXNR", "trxo_c"].source)
    (other,) = [a for a in look(recorded, "PFK", **oxidised) if a.kind == "locked"]
    assert other.source == ""


def test_lost_energy_is_an_alarm(recorded: CellModel) -> None:
    kinds = {a.kind: a for a in look(recorded, atp_c=0.49)}
    assert kinds["energy"].value == pytest.approx(0.49)
    assert "energy" not in {a.kind for a in look(recorded, atp_c=0.51)}


def test_a_moiety_locked_in_a_minor_form_is_an_alarm(recorded: CellModel) -> None:
    found = look(recorded, coa_m=1e-3, accoa_m=1e-3, succoa_m=1.0)
    assert {(a.kind, a.subject) for a in found} >= {("locked", "succoa_m"), ("free", "coa_m")}
    assert look(recorded, nad_c=0.3, nadh_c=1e-6) == []  # NAD+ is the main form


def test_used_up_adenylates_are_an_alarm(recorded: CellModel) -> None:
    found = look(recorded, adp_c=1e-4, amp_c=1e-4, atp_c=4.0)
    assert ("free", "adp_c+amp_c") in {(a.kind, a.subject) for a in found}


def test_a_run_that_stops_is_an_alarm(recorded: CellModel) -> None:
    run = replace(lane(recorded), code=ResultCode.MAX_STEPS, detail="40 steps")
    (alarm,) = Watch.of(recorded).look(run, frozenset())
    assert (alarm.kind, alarm.value, alarm.note) == ("stopped", 72.0, "40 steps")
    never = replace(run, times=np.empty(0), observed=np.empty((0, len(run.at_rest))))
    assert [a.kind for a in Watch.of(recorded).look(never, frozenset())] == ["stopped"]


def test_runs_are_counted_by_half_and_member(
    recorded: CellModel, made: dict[str, StressCondition]
) -> None:
    told: list[tuple[int, int]] = []
    chosen = [made["block GLS"], made["no gln_e"], made["oxygen 21 %"]]
    found = run_stress(recorded, lambda _, done, total: told.append((done, total)), chosen)
    assert [r.condition.condition for r in found.runs] == [c.condition for c in chosen]
    assert told == [(0, 3)]
    quiet = found.runs[2]
    assert (quiet.alarms, quiet.expected, quiet.member) == ((), (), 1)
    assert quiet.growth_fold > found.runs[1].growth_fold > 0.9
    assert found.share_without_alarm(quiet.condition.half, 1) > 0.0
    assert found.share_without_alarm("neither") == 1.0


# --------------------------------------------------------------------------------------- capacities


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "01_models").mkdir()
    files = {
        NAMES: 'genes\tT\tP\tU\tS\n"E1"\t"T1"\t"P1;P2"\t"U1"\t"GLS"\n"E2"\t""\t"P3"\t""\t"HK2"\n',
        ABUNDANCE: "#id: 1\n1\t9606.P1\t60\n2\t9606.P2\t40\n3\t9606.P3\t0\n4\t9606.P9\t5\n",
        TURNOVER: "EC3.5.1.2\ta\tmus musculus//animals;mammals//m\t10\t*\n"
        "EC3.5.1.2\tb\tescherichia coli//x//y\t900\t*\nEC2.7.1.1\tc\tyeast//f//y\t7\t*\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_bytes(gzip.compress(text.encode()))
    return tmp_path


def test_proteins_are_read_by_gene_and_turnover_by_kin(data: Path) -> None:
    found = read_proteins(data)
    assert found.abundance == {"GLS": 100.0}
    assert found.turnover == {"3.5.1.2": 10.0, "2.7.1.1": 7.0}


def test_a_capacity_is_compared_with_abundance_times_turnover(
    recorded: CellModel, data: Path
) -> None:
    found = compare_capacities(recorded, read_proteins(data))
    residues = recorded.base.stress["length of a protein"].value
    molecules = recorded.network.pools["prot_b"].value / residues
    # Every reaction of the one protein that has both numbers, and no other.
    ways = recorded.network.reactions.values()
    assert {c.reaction for c in found} == {r.id for r in ways if r.genes == "GLS"} >= {"GLS"}
    for capacity in found:
        assert capacity.most == pytest.approx(100e-6 * molecules * 10 * 3600)
        assert capacity.too_large == (capacity.vmax > capacity.most)


def test_missing_data_are_named(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"--data takes the folder.*paxDB"):
        read_proteins(tmp_path)


# -------------------------------------------------------------------------------------------- bound


def test_no_cell_grows_faster_than_stoichiometry_and_uptake_allow(recorded: CellModel) -> None:
    media = [m.medium for m in recorded.base.media_names]
    found = bounded_growth(recorded, media)
    assert [b.medium for b in found] == media
    at_rest_in = [b for b in found if b.kinetic is not None]
    assert len(at_rest_in) >= len(media) - 2
    for b in at_rest_in:
        assert b.kinetic is not None
        assert b.kinetic <= b.bound.growth * (1.0 + 1e-4), b.medium
        assert b.bound.growth <= b.bound.any_composition * (1.0 + 1e-6), b.medium
        assert b.holds


def test_the_bound_is_not_idle(recorded: CellModel) -> None:
    """Far above growth it would say nothing."""
    (reference,) = bounded_growth(recorded, ["reference"])
    assert reference.kinetic is not None
    assert reference.bound.growth < 10.0 * reference.kinetic
    assert reference.bound.limiting
