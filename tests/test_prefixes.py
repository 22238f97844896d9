"""Plain conversions agree with the units library to the last bit, or are left to it."""

from __future__ import annotations

from itertools import product

import pytest

from glutarium import units
from glutarium.errors import UnitError
from glutarium.prefixes import plain_factor

PLAIN = (
    "M",
    "mM",
    "uM",
    "nM",
    "mol",
    "mmol",
    "fmol",
    "g",
    "pg",
    "gDW",
    "mgDW",
    "1",
    "mL",
    "L",
    "dL",
    "s",
    "min",
    "h",
)
RATIOS = ("1/s", "1/h", "1/min", "mmol/g", "fmol/pg", "mmol/gDW/h", "umol/mL", "mM/h", "uM/s")


@pytest.mark.parametrize("pair", list(product(PLAIN + RATIOS, repeat=2)), ids=" to ".join)
def test_it_agrees_with_the_library_or_leaves_the_pair_to_it(
    pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = plain_factor(*pair)
    monkeypatch.setattr(units, "plain_factor", lambda *_: None)
    try:
        expected = units.factor.__wrapped__(*pair)
    except UnitError:
        assert plain is None
    else:
        assert plain in (None, expected)


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("uM", "mM", 1e-3),
        ("1/s", "1/h", 3600.0),
        ("mL", "L", 1e-3),
        ("mmol/g", "fmol/pg", 1.0),
        ("1/h", "1/h", 1.0),
    ],
)
def test_it_knows_the_conversions_of_a_usual_run(source: str, target: str, expected: float) -> None:
    assert plain_factor(source, target) == expected


@pytest.mark.parametrize("unit", ["", "%", "RT/F", "fold", "Gy", "M^2", "mM h", "pH", "1/1h"])
def test_it_leaves_everything_else_to_the_library(unit: str) -> None:
    assert plain_factor(unit, unit) is None
