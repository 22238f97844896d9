"""Quantities: what is read, what is refused, and that conversions are exact inverses."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium import units
from glutarium.errors import Location, UnitError


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("72 h", 72.0),
        ("14 d", 336.0),
        ("14 days", 336.0),
        ("30 min", 0.5),
        ("20min", 1 / 3),
        ("2 weeks", 336.0),
        ("3600 s", 1.0),
        ("1.5e1 hours", 15.0),
        (0, 0.0),
        ("0.0", 0.0),
    ],
)
def test_times_are_read_in_hours(text: str | float, hours: float) -> None:
    assert units.parse_time(text) == hours


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("1 uM", "drug", 1.0),
        ("1 µM", "drug", 1.0),
        ("250 nM", "drug", 0.25),
        ("2 mM", "concentration", 2.0),
        ("150 uM", "concentration", 0.15),
        (2, "concentration", 2.0),
        ("800 mg", "dose", 800.0),
        ("0.8 g", "dose", 800.0),
        ("25 mg/kg", "dose per body mass", 25.0),
        ("1 umol/gDW/min", "flux", 0.06),
        ("3 mmol gDW-1 h-1", "flux", 3.0),
        ("2 pmol/cell/h", "cell flux", 2000.0),
        ("10 cells/mL", "cell density", 0.01),
        ("21 %", "fraction", 0.21),
        ("0.21", "fraction", 0.21),
        ("2 fold", "fold", 2.0),
        ("2 Gy", "radiation", 2.0),
        ("1e-5 cm2/s", "diffusion", 1000.0),
        ("20 mgDW/L", "density", 0.02),
    ],
)
def test_quantities_are_read_in_the_canonical_unit(
    text: str | float, dimension: str, value: float
) -> None:
    assert units.parse_quantity(text, dimension) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    ("text", "dimension", "parts"),
    [
        ("72", "time", ["'72'", "no unit", "min, h, d"]),
        (72, "time", ["72", "no unit"]),
        ("800", "dose", ["no unit", "mg"]),
        ("1 mM", "time", ["'mM'", "is not a unit of time", "h, d"]),
        ("1 hh", "time", ["'hh'", "unknown"]),
        ("1 m", "time", ["'m'", "not a unit of time"]),
        ("3 mg", "dose per body mass", ["mg/kg"]),
        ("25 %", "dose per body mass", ["mg/kg"]),
        ("10 nmol/min/mgProt", "flux", ["not a unit of flux", "mmol/gDW/h"]),
        ("soon", "time", ["'soon'", "write a number and a unit"]),
        ("", "time", ["write a number"]),
        (True, "concentration", ["True"]),
        ("1,000 mM", "concentration", [",000 mM"]),
        ("1 2 mM", "concentration", ["'2 mM'"]),
        ("nan mM", "concentration", ["finite"]),
        (math.nan, "concentration", ["finite"]),
        ("-inf mM", "concentration", ["finite"]),
        ("1e400 mM", "concentration", ["finite"]),
        ("1 h; import os", "time", ["unknown"]),
    ],
)
def test_refusals_name_the_value_and_what_is_allowed(
    text: str | float, dimension: str, parts: list[str]
) -> None:
    with pytest.raises(UnitError) as caught:
        units.parse_quantity(text, dimension)
    for part in parts:
        assert part in str(caught.value)


def test_signs_are_checked_where_asked() -> None:
    assert units.parse_quantity("-2 mM", "concentration") == -2.0
    with pytest.raises(UnitError, match=r"'-2 mM'.*zero or more"):
        units.parse_quantity("-2 mM", "concentration", sign="non-negative")
    with pytest.raises(UnitError, match="more than zero"):
        units.parse_quantity("0 mM", "concentration", sign="positive")
    with pytest.raises(UnitError, match="zero or more"):
        units.parse_time("-1 h")
    assert units.parse_time("-1 h", sign="any") == -1.0


def test_the_location_ends_the_message() -> None:
    with pytest.raises(UnitError) as caught:
        units.parse_time("7 foo", location=Location("study.yaml", 12))
    assert str(caught.value).endswith("(study.yaml, line 12)")


def test_convert_refuses_other_dimensions_and_unknown_units() -> None:
    assert units.convert(1.0, "mM", "uM") == 1000.0
    assert units.convert(3.0, "d", "h") == 72.0
    assert units.convert(1.0, "RT/F", "mV") == pytest.approx(8.314462618 * 310.15 / 96.48533212)
    with pytest.raises(UnitError, match=r"'mM' cannot be converted to 'mmol/gDW'"):
        units.convert(1.0, "mM", "mmol/gDW")
    with pytest.raises(UnitError, match="'parsec'"):
        units.convert(1.0, "parsec", "um")


@pytest.mark.parametrize(
    "unit",
    ["1", "mM", "1/h", "um2/s", "U/mg", "1/uM/s", "mmol/gDW/h", "fmol/cell/h", "mM^2", "1/mM",
     "cells/mm3", "mM/mmHg", "nmol/min/mgProt", "pH", "fold", "%", "mL/gDW", "mmol/kg/h", "RT/F",
     "mM/atm", "pg/cell"],
)  # fmt: skip
def test_units_of_the_tables_are_known(unit: str) -> None:
    assert units.is_unit(unit)


@pytest.mark.parametrize("unit", ["", " ", "text", "unit", "mMM", "hh", "mM/", "/h", "m M$", "2 h"])
def test_what_is_no_unit_is_not_known(unit: str) -> None:
    assert not units.is_unit(unit)


@pytest.mark.parametrize("dimension", units.DIMENSIONS)
def test_examples_of_a_dimension_belong_to_it(dimension: str) -> None:
    for example in units.DIMENSIONS[dimension].examples.split(", "):
        if example != "a plain number":
            assert units.has_dimension(example, dimension)
    assert units.parse_quantity(f"3 {units.canonical_unit(dimension)}", dimension) == 3.0


def test_an_unknown_dimension_lists_the_known_ones() -> None:
    with pytest.raises(UnitError, match=r"'speed'.*concentration"):
        units.canonical_unit("speed")


@given(
    value=st.floats(min_value=1e-9, max_value=1e9),
    pair=st.sampled_from([("mM", "uM"), ("h", "min"), ("d", "s"), ("mmHg", "kPa"), ("L", "fL")]),
)
def test_converting_there_and_back_changes_nothing(value: float, pair: tuple[str, str]) -> None:
    there = units.convert(value, *pair)
    assert units.convert(there, pair[1], pair[0]) == pytest.approx(value, rel=1e-14)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=0))
def test_text_and_number_read_alike(value: float) -> None:
    assert units.parse_quantity(value, "concentration") == value
    assert units.parse_quantity(f"{value!r} mM", "concentration") == value


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused_with_a_unit_error(text: str) -> None:
    try:
        value = units.parse_quantity(text, "concentration")
    except UnitError as error:
        message = str(error)
    else:
        message = repr(text)
        assert math.isfinite(value)
    assert repr(text) in message


def test_pint_is_loaded_only_on_use() -> None:
    code = "import sys, glutarium.units; sys.exit('pint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
