"""Gene rules: from protein levels to the capacity of a reaction."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.knowledge.equations import Isozyme, parse_genes
from glutarium.model.expr import Number, evaluate, symbols
from glutarium.model.genes import (
    CURVATURE,
    availability,
    capacity,
    present,
    rule_genes,
    unblocked,
)

LEVELS = st.floats(0.0, 20.0)


K = 0.01


def amount(rule: str, **levels: float) -> float:
    """Capacity under some levels; ``free_A=0.5`` blocks half of the protein of A."""
    values = {CURVATURE.name: K}
    for gene in rule_genes(rule):
        there, free = levels.get(gene, 1.0), levels.get(f"free_{gene}", 1.0)
        values |= {present(gene).name: there, unblocked(gene).name: free}
        values[availability(gene).name] = there * free
    return evaluate(capacity(rule), values)


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Rules of one to four isozymes with one to three subunits each."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    weights = draw(st.lists(st.integers(1, 9), min_size=len(sizes), max_size=len(sizes)))
    names = iter(f"G{i}" for i in range(12))
    parts = ["&".join(next(names) for _ in range(size)) for size in sizes]
    return "|".join(f"{p}:{w / sum(weights)!r}" for p, w in zip(parts, weights, strict=True))


def test_a_rule_lists_isozymes_and_their_subunits() -> None:
    assert parse_genes("A&B:0.6|C:0.4") == (Isozyme(0.6, ("A", "B")), Isozyme(0.4, ("C",)))
    assert parse_genes("A") == (Isozyme(1.0, ("A",)),)
    assert parse_genes("") == ()


def test_genes_of_a_rule_come_once_and_in_order() -> None:
    assert rule_genes("B&A:0.5|A&C:0.5") == ("B", "A", "C")


@given(rule=rules())
def test_the_reference_capacity_is_one(rule: str) -> None:
    assert amount(rule) == pytest.approx(1.0)


def test_a_reaction_without_genes_keeps_its_capacity() -> None:
    assert capacity("") == Number(1.0)
    assert not symbols(capacity(""))


@given(a=LEVELS, b=LEVELS)
def test_isozymes_add_by_share(a: float, b: float) -> None:
    assert amount("A:0.7|B:0.3", A=a, B=b) == pytest.approx(0.7 * a + 0.3 * b)


@given(a=LEVELS, b=LEVELS)
def test_the_scarcest_subunit_limits_its_complex(a: float, b: float) -> None:
    """Never more than a tenth above the scarcer one for a curvature of 0.01, and not far below."""
    found = amount("A&B", A=a, B=b)
    assert found == pytest.approx(amount("A&B", A=b, B=a))
    assert 0.9 * min(a, b) - 1e-9 <= found <= min(a, b) / (1.0 - K**0.5) + 1e-9


@given(rule=rules(), scale=LEVELS)
def test_all_levels_together_scale_the_capacity(rule: str, scale: float) -> None:
    levels = dict.fromkeys(rule_genes(rule), scale)
    assert amount(rule, **levels) == pytest.approx(scale)


def test_an_excess_of_one_subunit_hardly_helps() -> None:
    assert amount("A&B", A=10.0) == pytest.approx(1.0, rel=0.12)
    assert amount("A&B&C", A=0.3) == pytest.approx(0.3, rel=0.25)


@given(a=st.floats(0.0, 1.0), b=st.floats(0.0, 1.0))
def test_what_drugs_leave_of_subunits_multiplies(a: float, b: float) -> None:
    assert amount("A&B", free_A=a, free_B=b) == pytest.approx(a * b)


@given(rule=rules(), data=st.data())
def test_losing_any_subunit_costs_the_share_of_its_isozyme(rule: str, data: st.DataObject) -> None:
    lost = data.draw(st.sampled_from(rule_genes(rule)))
    kept = sum(i.share for i in parse_genes(rule) if lost not in i.genes)
    assert amount(rule, **{lost: 0.0}) == pytest.approx(kept)


@given(rule=rules(), data=st.data())
def test_capacity_rises_with_every_level(rule: str, data: st.DataObject) -> None:
    gene = data.draw(st.sampled_from(rule_genes(rule)))
    low, high = sorted(data.draw(st.tuples(LEVELS, LEVELS)))
    assert amount(rule, **{gene: low}) <= amount(rule, **{gene: high}) + 1e-12
