from __future__ import annotations

import pytest

from glutarium.report.palette import (
    CHANGE,
    ROLES,
    arm_styles,
    css_variables,
    sink_colour,
)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("role", ["ink", "muted", "link"])
@pytest.mark.parametrize("ground", ["paper", "medium", "cytosol", "matrix", "pill"])
def test_text_can_be_read_in_both_themes(role: str, ground: str) -> None:
    assert contrast(ROLES[role].light, ROLES[ground].light) >= 4.5
    assert contrast(ROLES[role].dark, ROLES[ground].dark) >= 4.5


def test_lines_stand_out_from_the_paper() -> None:
    doses = {f"d{i}": ("X", float(i + 1)) for i in range(5)}
    arms = ["control", *doses, *(f"other {i}" for i in range(8))]
    for style in arm_styles(arms, doses):
        assert contrast(style.shade.light, ROLES["paper"].light) >= 2.2
        assert contrast(style.shade.dark, ROLES["paper"].dark) >= 3.0


def test_every_light_colour_belongs_to_one_role() -> None:
    doses = {f"d{i}": ("X", float(i + 1)) for i in range(7)}
    arms = ["control", *doses, *(f"other {i}" for i in range(8))]
    colours = [s.light for s in ROLES.values()]
    colours += [s.light for step, s in CHANGE.items() if step != 0]
    colours += [s.shade.light for s in arm_styles(arms, doses)]
    sinks = ["protein", "RNA", "DNA", "lipid", "secreted glutamate", "ammonia", "CO2", "other"]
    colours += [sink_colour(s, 0) for s in sinks]
    assert len(colours) == len(set(colours))


def test_rising_doses_get_darker_whatever_their_order() -> None:
    doses = {"high": ("X", 10.0), "low": ("X", 0.1), "middle": ("X", 1.0), "none": ("X", 0.0)}
    styles = {s.name: s for s in arm_styles(["none", "high", "low", "middle"], doses)}
    depth = [luminance(styles[a].shade.light) for a in ("low", "middle", "high")]
    assert depth == sorted(depth, reverse=True)


def test_one_dose_alone_is_no_ramp() -> None:
    styles = arm_styles(["none", "a", "b"], {"a": ("X", 1.0), "b": ("Y", 1.0)})
    assert len({s.shade for s in styles}) == 3


def test_many_arms_differ_in_colour_or_dash() -> None:
    styles = arm_styles([str(i) for i in range(25)])
    assert len({(s.shade, s.dash) for s in styles}) == 25


def test_variables_follow_the_theme() -> None:
    assert css_variables({"ink": ROLES["ink"]}, "dark") == f"--ink: {ROLES['ink'].dark};"
