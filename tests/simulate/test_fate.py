"""Where glutamine ends over a run: integrals, what was let out and taken up again, ensembles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.simulate.small_networks import (
    EXPORT,
    GROWTH,
    IMPORT,
    UPTAKE,
    course,
    network_of,
    share,
    tracing,
    undivided,
)

from glutarium.simulate.fate import Course, Fate, merge_small
from glutarium.simulate.provenance import CHANGE, DILUTION, Tracing

if TYPE_CHECKING:
    from glutarium.knowledge.base import KnowledgeBase


def test_uptake_is_integrated_by_the_trapezoid_rule(tables: KnowledgeBase) -> None:
    line = tracing(tables, IN=IMPORT)
    times = np.array([0.0, 1.0, 3.0])
    found = line.fate(course(line.network, times, {"IN": 2.0 * times}, {}))
    assert found.uptake.tolist() == [5 * 9.0, 2 * 9.0]
    assert share(found, CHANGE) == pytest.approx(1.0)


def test_rates_of_cells_count_by_dry_mass_and_those_of_the_dish_do_not() -> None:
    network = network_of(
        {"IN": {"gln_e": -1, "glu_c": 1}, "DISH": {"gln_e": -1, "glu_e": 1}}, DISH="medium_enzyme"
    )
    times, one = np.array([0.0, 1.0]), np.ones(2)
    run = course(network, times, {"IN": one, "DISH": one}, {}, mass=np.array([3.0, 3.0]))
    found = Tracing(network, undivided(network)).fate(run)
    assert found.uptake[0] == pytest.approx(5 * 3.0 + 5 * 1.0)
    assert share(found, "secreted glu") == pytest.approx(0.25)


def test_dilution_counts_the_pools_of_all_cells(tables: KnowledgeBase) -> None:
    line = tracing(tables, IN=IMPORT)
    times, one = np.array([0.0, 1.0]), np.ones(2)
    run = course(
        line.network, times, {"IN": one}, {"gln_c": 10.0 * one}, mass=2 * one, growth=0.1 * one
    )
    found = line.fate(run)
    # 10 mM in 4 mL/gDW are 0.04 mmol/gDW; a tenth of it per hour of an uptake of one.
    assert share(found, DILUTION) == pytest.approx(0.1 * 0.04)


def test_what_is_taken_up_again_is_first_what_was_let_out() -> None:
    equations = {
        "IN": {"gln_e": -1.0, "glu_c": 1.0},
        "OUT": EXPORT,
        "BACK": UPTAKE,
        "GROW": GROWTH,
    }
    network = network_of(equations)
    plain = Tracing(network, undivided(network))
    times, one = np.array([0.0, 1.0, 2.0]), np.ones(3)
    rates = {"IN": one, "OUT": 9.0 * one, "BACK": 9.0 * one, "GROW": one}
    empty = plain.fate(course(network, times, rates, {}))
    assert share(empty, "prot") == pytest.approx(1.0)
    assert share(empty, "secreted glu") == pytest.approx(0.0, abs=1e-12)
    lake = plain.fate(course(network, times, rates, {"glu_e": 1e12 * one}))
    assert share(lake, "prot") == pytest.approx(0.1)
    assert share(lake, "secreted glu") == pytest.approx(0.9)


def test_the_medium_remembers_what_was_let_out() -> None:
    network = network_of({"IN": {"gln_e": -1.0, "glu_c": 1.0}, "OUT": EXPORT})
    plain = Tracing(network, undivided(network))
    times = np.array([0.0, 1.0, 2.0, 3.0])
    out = np.array([1.0, 1.0, -1.0, -1.0])  # from the third time on, cells take it up again
    pool = np.array([1.0, 1.5, 1.0, 0.5])  # mM at 0.5 gDW/L: twice as many mmol/gDW
    rates = {"IN": np.array([1.0, 1.0, 0.0, 0.0]), "OUT": out}
    found = plain.fate(course(network, times, rates, {"glu_e": pool}))
    # 2 mmol/gDW were there and 1 came: a third of the medium, and of what is taken up then.
    gained = np.trapezoid([1.0, 1.0, -1 / 3, -1 / 3], times)
    assert share(found, "secreted glu") == pytest.approx(gained / 1.5)
    renewed = plain.fate(course(network, times, rates, {"glu_e": pool}, fresh=(1.0,)))
    assert share(renewed, "secreted glu") == pytest.approx(1.0)


def test_what_is_added_to_the_medium_dilutes_what_was_let_out() -> None:
    network = network_of({"IN": {"gln_e": -1.0, "glu_c": 1.0}, "OUT": EXPORT})
    plain = Tracing(network, undivided(network))
    times = np.array([0.0, 1.0, 2.0, 3.0])
    rates = {"IN": np.array([1.0, 1.0, 0.0, 0.0]), "OUT": np.array([1.0, 1.0, -1.0, -1.0])}
    pool = np.array([1.0, 1.5, 11.0, 10.5])
    place = list(network.dynamic).index("glu_e")
    for added, left in ((((1.0, (place,)),), 1.5 / 11.0), (((0.0, ()), (1.0, ())), 1.0)):
        found = plain.fate(course(network, times, rates, {"glu_e": pool}, added=added))
        taken = left / 3.0  # a third of the medium was from the cells before
        gained = np.trapezoid([1.0, 1.0, -taken, -taken], times)
        assert share(found, "secreted glu") == pytest.approx(gained / 1.5)


def test_no_uptake_has_no_shares(tables: KnowledgeBase) -> None:
    line = tracing(tables, IN=IMPORT)
    found = line.fate(course(line.network, np.array([0.0, 1.0]), {}, {}))
    assert found.uptake.tolist() == [0.0, 0.0]
    assert np.isnan(found.shares).all()
    short = line.fate(course(line.network, np.array([0.0]), {"IN": np.ones(1)}, {}))
    assert np.isnan(short.shares).all()


def test_a_course_is_picked_from_observables(tables: KnowledgeBase) -> None:
    network = tracing(tables, IN=IMPORT).network
    names = ("growth_rate", "rate.IN", "conc.gln_c", "mass", "conc.gln_e", "psi_x")
    found = Course.from_observed(
        network, np.array([0.0]), np.array([[0.1, 2.0, 3.0, 1.5, 4.0, 9.0]]), names, 0.02
    )
    assert found.concentrations.tolist() == [[4.0, 3.0]]
    assert found.rates.tolist() == [[2.0]]
    assert (found.mass[0], found.growth[0], found.density) == (1.5, 0.1, 0.02)


def test_small_sinks_become_other() -> None:
    shares = np.array([[0.5, 0.492, 0.008, 0.0], [0.98, 0.0, 0.009, 0.011]])
    merged, sinks = merge_small(shares, ("a", "b", "c", "d"))
    assert sinks == ("a", "b", "d", "other")
    assert merged[:, -1].tolist() == [0.008, 0.009]
    assert merged.sum(axis=1) == pytest.approx(1.0)
    fate = Fate(("carbon", "nitrogen"), ("a", "b", "c", "d"), np.ones(2), shares)
    assert fate.merged(0.6).sinks == ("a", "other")


def test_a_failed_run_does_not_hide_the_sinks_of_the_others() -> None:
    shares = np.array([[[np.nan, np.nan]], [[0.999, 0.001]]])
    merged, sinks = merge_small(shares, ("a", "b"))
    assert sinks == ("a", "other")
    assert np.isnan(merged[0]).all()
