"""Which sources a study's results rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glutarium.study.cited import cited_sources

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.simulate.model import CellModel
    from glutarium.study.study import Study

STUDY = """
study: asked
system: cell
setup: {{cells: [tumour], medium: {{base: DMEM}}}}
arms: {{plain: {{}}, arm: {arm}}}
"""


@pytest.fixture
def cited(model: CellModel, ask_for: Callable[[str], Study]) -> Callable[[str], set[str]]:
    return lambda arm: set(cited_sources(ask_for(STUDY.format(arm=arm)), model.base))


def rows(model: CellModel, table: str, **where: str) -> set[str]:
    records = getattr(model.base, table)
    ((field, value),) = where.items()
    return {key for r in records if getattr(r, field) == value for key in r.source}


def test_the_network_is_always_cited(model: CellModel, cited: Callable[[str], set[str]]) -> None:
    found = cited("{}")
    assert {key for r in model.base.kinetics for key in r.source} <= found
    assert {key for r in model.base.reactions for key in r.source} <= found
    assert rows(model, "media", medium="DMEM") <= found
    assert found <= set(model.base.sources)


@pytest.mark.parametrize(
    "arm",
    [
        "{drug: {CB-839: 1}}",
        "{pre_treatment: {drug: {CB-839: 1}}}",
        "{at: [{time: 6 h, drug: {CB-839: 1}}]}",
    ],
)
def test_a_drug_is_cited_where_it_is_given(
    model: CellModel, cited: Callable[[str], set[str]], arm: str
) -> None:
    new = cited(arm) - cited("{}")
    assert "Gross2014" in new
    assert new <= rows(model, "drug_targets", drug="CB-839")


@pytest.mark.parametrize("arm", ["{genotype: [KRAS]}", "{cells: {tumour: {genotype: [KRAS]}}}"])
def test_a_genotype_is_cited_where_it_is_said(
    model: CellModel, cited: Callable[[str], set[str]], arm: str
) -> None:
    assert cited(arm) - cited("{}") <= rows(model, "alterations", alteration="KRAS")
    assert rows(model, "alterations", alteration="KRAS") <= cited(arm)


def test_another_medium_brings_its_sources(
    model: CellModel, cited: Callable[[str], set[str]]
) -> None:
    more = cited("{medium: {base: HPLM}}")
    assert rows(model, "media", medium="HPLM") | rows(model, "media", medium="DMEM") <= more
