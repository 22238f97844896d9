"""Profiles: one rule for all genes, growth signals that act by mechanism."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.knowledge.base import load
from glutarium.model.expr import evaluate
from glutarium.model.laws import rate_symbol
from glutarium.model.member import nominal_values
from glutarium.model.profiles import (
    GROWTH_SIGNAL,
    REFERENCE,
    Profile,
    growth_signal,
    level_of,
    recorded_profile,
)

if TYPE_CHECKING:
    from glutarium.model.spec import ModelSpec

BASE = load()
CAP = BASE.constants["expression.cap"].value
FOLDS = st.floats(1e-6, 1e6)


@given(a=FOLDS, b=FOLDS)
def test_more_expression_is_never_less_capacity(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert level_of(low, BASE) <= level_of(high, BASE)
    assert 1.0 / CAP <= level_of(low, BASE) <= CAP


@given(fold=FOLDS)
def test_up_and_down_are_treated_alike(fold: float) -> None:
    assert level_of(1.0 / fold, BASE) == pytest.approx(1.0 / level_of(fold, BASE))


def test_the_reference_is_itself_and_nothing_is_the_least() -> None:
    assert level_of(1.0, BASE) == 1.0
    assert level_of(0.0, BASE) == 1.0 / CAP
    generic = recorded_profile(BASE, REFERENCE)
    assert generic == Profile(REFERENCE)
    assert recorded_profile(BASE, "beta_cell") is None


def test_the_growth_signal_is_the_mean_of_its_markers() -> None:
    members = BASE.groups["marker", "proliferation"].members
    assert growth_signal({}, BASE) == 1.0
    assert growth_signal({"GLS": 30.0}, BASE) == 1.0
    assert growth_signal(dict.fromkeys(members, 2.0), BASE) == pytest.approx(level_of(2.0, BASE))
    opposite = {members[0]: 4.0, members[1]: 0.25}
    assert growth_signal(opposite, BASE) == pytest.approx(1.0)


def test_recorded_signals_of_cells_in_culture_follow_from_their_recorded_markers() -> None:
    """That of a cell that does not grow in culture is stated."""
    for row in BASE.profiles:
        if row.basis == "assumed":
            continue
        found = recorded_profile(BASE, row.profile)
        assert found is not None
        assert math.log(growth_signal(found.folds, BASE)) == pytest.approx(
            math.log(row.value), abs=0.3
        )


def test_one_profile_lies_over_another() -> None:
    under = Profile("cancer", {"GLS": 2.0, "PC": 3.0}, 0.9)
    both = Profile("line", {"GLS": 5.0}, 1.2).over(under)
    assert both == Profile("line", {"GLS": 5.0, "PC": 3.0}, 1.2)


def test_growth_factors_act_on_what_the_edges_name(cell: ModelSpec) -> None:
    slow = nominal_values(cell, {GROWTH_SIGNAL: 0.1}, {})
    wanted = {s.id: evaluate(s.direct, slow) for s in cell.states if s.id.startswith("active.")}
    assert wanted["active.RNASYN"] < 0.0
    assert wanted["active.HK2"] < 0.0
    assert "active.GLS" not in wanted


def test_a_weaker_response_to_growth_scales_the_synthesis_that_it_names(cell: ModelSpec) -> None:
    parameters = {p.id: p.value for p in cell.parameters}
    initial = {s.id: s.initial for s in cell.states}
    plain = nominal_values(cell, parameters, initial)
    slow = nominal_values(cell, parameters, initial | {"active.RNASYN": 0.1})
    rate = rate_symbol("RNASYN").name
    assert slow[rate] == pytest.approx(0.1 * plain[rate])
    # Ribosomes and amino acids are still there, so protein is made as before.
    assert slow[rate_symbol("PROTSYN").name] == pytest.approx(plain[rate_symbol("PROTSYN").name])


@pytest.mark.parametrize(
    ("organ", "gene"),
    [("liver", "CPS1"), ("gut", "SLC6A19"), ("muscle", "PDK4"), ("brain", "GAD1")],
)
def test_organs_have_profiles_with_their_own_genes(organ: str, gene: str) -> None:
    profile = recorded_profile(BASE, organ)
    assert profile is not None
    assert profile.signal < 1.0
    assert profile.folds[gene] > 10.0
