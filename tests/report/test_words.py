from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.report.asked import in_words, read_study
from glutarium.report.readings import Spread
from glutarium.report.sources import number_sources
from glutarium.report.words import brief, fold_text, greek, number, slug, spread_text

SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def parsed(text: str) -> float:
    mantissa, _, power = text.replace("−", "-").replace(",", "").partition("×10")
    return float(mantissa) * float(f"1e{power.translate(SUPERSCRIPT) or 0}")


@given(st.floats(1e-12, 1e12), st.sampled_from([-1, 1]))
def test_a_number_keeps_three_digits(size: float, sign: int) -> None:
    assert parsed(number(sign * size)) == pytest.approx(sign * size, rel=6e-3)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (math.nan, "–"),
        (0.0123, "0.0123"),
        (1234.5, "1,234"),
        (4.1e-5, "4.10×10⁻⁵"),
        (-0.5, "−0.500"),
    ],
)
def test_numbers_read_well(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(72.0, "72"), (0.5, "0.5"), (100.0, "100"), (0.0, "0")]
)
def test_brief_drops_zeros_behind_the_point_only(value: float, text: str) -> None:
    assert brief(value) == text


def test_a_single_member_has_no_range() -> None:
    assert spread_text(Spread(1.0, 1.0, 1.0, 1)) == "1.00"
    assert spread_text(Spread(1.0, 0.5, 2.0, 4)) == "1.00 (0.500 – 2.00)"


def test_names_and_folds() -> None:
    assert greek("alpha-ketoglutarate") == "α-ketoglutarate"
    assert fold_text(0.416) == "×0.42"
    assert fold_text(math.inf) == "–"


@given(st.text())
def test_a_slug_is_safe_in_a_file_name(text: str) -> None:
    assert set(slug(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_a_study_is_put_into_words() -> None:
    asked = read_study(
        "setup: {cells: [tumour], medium: {base: HPLM}}\narms: {a: {}, b: {drug: {X: 1}}}"
    )
    assert asked.setup == {"cells": "tumour", "medium": "base HPLM"}
    assert asked.arms == {"a": "", "b": "drug X 1"}


def test_inner_mappings_with_several_keys_get_brackets() -> None:
    assert in_words({"drug": {"X": 1, "Y": 2}}) == "drug (X 1, Y 2)"


@pytest.mark.parametrize("text", ["", "a: [", "just words", "- 1\n- 2"])
def test_a_study_that_says_nothing_is_shown_as_it_is(text: str) -> None:
    asked = read_study(text)
    assert (asked.setup, asked.arms, asked.text) == ({}, {}, text)


def test_sources_are_numbered_by_key_and_their_doi_becomes_a_link() -> None:
    texts = {"Zed2001": "Zed Z. Title. https://doi.org/10.1000/abc(1)23.", "Abe1999": "Abe A."}
    first, missing, last = number_sources('["Zed2001", "Abe1999", "Nobody1900"]', texts)
    assert (first.text, first.doi) == ("Abe A.", "")
    assert (last.text, last.doi, last.rest) == ("Zed Z. Title. ", "10.1000/abc(1)23", ".")
    assert missing.text == "Nobody1900 (no citation text was given)"


def test_without_keys_every_citation_is_listed() -> None:
    assert [s.key for s in number_sources(None, {"b": "B", "A": "A"})] == ["A", "b"]
