"""Merging an arm over its setup."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from glutarium.names import Target
from glutarium.study.conditions import (
    Cells,
    CellSetting,
    Conditions,
    Medium,
    PreTreatment,
    TimedChange,
    merge,
    qualify,
)

NUMBERS = st.floats(0, 10)
NAMES = st.sampled_from(["glutamine", "glucose", "leucine"])
VALUES = st.dictionaries(NAMES, NUMBERS, max_size=3)
GENES = st.dictionaries(
    st.builds(Target, st.sampled_from(["GLS", "MYC"]), st.just("gene"), st.just("tumour")), NUMBERS
)
CELLS = st.builds(
    Cells,
    st.dictionaries(
        st.sampled_from(["tumour", "tam", "gut"]),
        st.builds(
            CellSetting,
            fraction=st.none() | NUMBERS,
            gene=st.none() | st.dictionaries(st.sampled_from(["GLS", "MYC"]), NUMBERS),
        ),
        min_size=1,
    ),
    st.booleans(),
)
SIMPLE = st.builds(
    Conditions,
    cells=st.none() | CELLS,
    genotype=st.none() | st.lists(st.sampled_from(["MYC", "KRAS"]), unique=True).map(tuple),
    gene=st.none() | GENES,
    medium=st.none() | st.builds(Medium, st.none() | st.just("DMEM"), VALUES),
    supplement=st.none() | VALUES,
    oxygen=st.none() | NUMBERS,
)
CONDITIONS = st.builds(
    lambda own, before, at: replace(own, pre_treatment=before, at=at),
    SIMPLE,
    st.none() | st.builds(PreTreatment, SIMPLE, NUMBERS),
    st.none() | st.lists(st.builds(TimedChange, NUMBERS, SIMPLE), max_size=2).map(tuple),
)


@given(under=CONDITIONS, over=CONDITIONS)
def test_merging_twice_changes_nothing(under: Conditions, over: Conditions) -> None:
    once = merge(under, over)
    assert merge(once, over) == once


@given(under=CONDITIONS)
def test_saying_nothing_changes_nothing(under: Conditions) -> None:
    assert merge(under, Conditions()) == under
    assert merge(Conditions(), under) == under


@given(under=CONDITIONS, over=CONDITIONS)
def test_what_the_arm_says_wins(under: Conditions, over: Conditions) -> None:
    merged = merge(under, over)
    for key, value in (over.supplement or {}).items():
        assert merged.supplement is not None
        assert merged.supplement[key] == value
    assert merged.oxygen == (under.oxygen if over.oxygen is None else over.oxygen)
    assert merged.genotype == (under.genotype if over.genotype is None else over.genotype)
    assert merged.at == (under.at if over.at is None else over.at)


def test_mappings_are_merged_and_lists_replace() -> None:
    under = Conditions(
        medium=Medium("DMEM", {"glutamine": 2.0, "amino_acids": 0.5}), genotype=("MYC",)
    )
    over = Conditions(medium=Medium(None, {"glutamine": 0.0}), genotype=())
    merged = merge(under, over)
    assert merged.medium == Medium("DMEM", {"glutamine": 0.0, "amino_acids": 0.5})
    assert merged.genotype == ()
    assert under.medium == Medium("DMEM", {"glutamine": 2.0, "amino_acids": 0.5})


def test_a_list_of_cells_replaces_and_a_mapping_adds() -> None:
    setting = CellSetting(fraction=0.2)
    under = Conditions(cells=Cells({"normal_cell": CellSetting()}))
    listed = merge(under, Conditions(cells=Cells({"tumour": setting})))
    assert listed.cell_names == ("tumour",)
    mapped = merge(under, Conditions(cells=Cells({"tumour": setting}, listed=False)))
    assert mapped.cell_names == ("normal_cell", "tumour")


def test_a_bare_gene_gets_a_cell_and_a_placed_one_keeps_its_own() -> None:
    bare, placed = Target("GLS", "gene"), Target("MYC", "gene", "tam")
    change = TimedChange(1.0, Conditions(gene={bare: 0.5}))
    done = qualify(Conditions(gene={bare: 0.0, placed: 2.0}, at=(change,)), "tumour")
    there = Target("GLS", "gene", "tumour")
    assert done.gene == {there: 0.0, placed: 2.0}
    assert done.at is not None
    assert done.at[0].conditions.gene == {there: 0.5}
