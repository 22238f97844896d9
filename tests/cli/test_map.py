"""``glutarium map``: files of three kinds, and words for what cannot be drawn."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

from glutarium.cli.app import app
from glutarium.cli.complete import complete_map
from glutarium.errors import GlutariumError
from glutarium.simulate.result import FORMAT, FORMAT_VERSION, save_dataset

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

START = {".svg": b"<?xml", ".png": b"\x89PNG", ".json": b"["}


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["map", *words])


@pytest.fixture
def make_result(tmp_path: Path) -> Callable[[], Path]:
    def make() -> Path:
        arms, observables = ["vehicle", "treated"], ["tumour.reaction.GLS", "tumour.growth_rate"]
        value = np.ones((2, 1, 2, 2))
        value[1] /= 4
        dataset = xr.Dataset(
            {
                "value": (("arm", "member", "time", "observable"), value),
                "code": (("arm", "member"), np.full((2, 1), "SUCCESS", dtype=object)),
            },
            coords={
                "arm": arms,
                "member": [0],
                "time": [0.0, 24.0],
                "observable": observables,
                "unit": ("observable", ["mmol/gDW/h", "1/h"]),
            },
            attrs={"format": FORMAT, "format_version": FORMAT_VERSION},
        )
        save_dataset(dataset, tmp_path / "study" / "result.zarr", mode="w")
        return tmp_path / "study"

    return make


@pytest.mark.parametrize("suffix", list(START))
def test_the_suffix_says_what_is_written(tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"tca{suffix}"
    assert run("tca-cycle", "-o", str(out)).exit_code == 0
    assert out.read_bytes().startswith(START[suffix])


def test_an_escher_map_holds_the_chosen_reactions(tmp_path: Path) -> None:
    out = tmp_path / "m.json"
    assert run("GLS", "GLUD1", "-o", str(out)).exit_code == 0
    body = json.loads(out.read_text(encoding="utf-8"))[1]
    assert {r["bigg_id"] for r in body["reactions"].values()} == {"GLS", "GLUD1"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["tca-cycl"], "did you mean tca-cycle"),
        (["glutamin"], "glutamine"),
        (["-o", "map.pdf"], ".svg, .png, .json"),
        (["--arm", "treated"], "--result"),
        (["GLS", "--result", "nowhere"], "nowhere"),
        (["GLS", "-o", "no/such/folder/m.svg"], "another place"),
    ],
)
def test_what_cannot_be_drawn_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*words)
    assert isinstance(result.exception, GlutariumError)
    assert said in str(result.exception)
    assert not list(tmp_path.iterdir())


def test_the_fluxes_of_an_arm_are_shown(tmp_path: Path, make_result: Callable[[], Path]) -> None:
    folder = make_result()
    out = tmp_path / "m.svg"
    assert run("GLS", "-o", str(out), "--result", str(folder), "--arm", "treated").exit_code == 0
    text = out.read_text(encoding="utf-8")
    assert "mmol/gDW/h" in text
    assert "treated" in text
    failed = run("GLS", "-o", str(out), "--result", str(folder), "--arm", "Treated")
    assert "it has vehicle, treated" in str(failed.exception)


def test_names_are_completed_with_their_kind() -> None:
    assert ("tca-cycle", "pathway") in complete_map("tca")
    assert ("glutamine", "metabolite") in complete_map("Glut")
    assert ("GLS", "glutaminase, matrix") in complete_map("GLS")
