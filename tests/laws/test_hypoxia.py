"""What lack of oxygen does to a cell by way of the factors that it moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest

from glutarium.kernel import ResultCode
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.simulate.cell import RestCache, run_lanes
from glutarium.study.parse import read_studies
from glutarium.study.translate import Translator

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.simulate.model import CellModel

STUDY = """
study: fibroblasts-without-oxygen
title: Fibroblasts in air, at half a per cent of oxygen, and there without DEC1
system: cell
duration: 48 h
setup: {cells: [fibroblast]}
arms:
  air: {}
  hypoxia: {oxygen: 0.005}
  no DEC1: {oxygen: 0.005, gene: {BHLHE40: 0}}
"""

At: TypeAlias = "Callable[[str, str], float]"


@pytest.fixture(scope="module")
def at_end(model: CellModel, tmp_path_factory: pytest.TempPathFactory) -> At:
    """The last value of an observable of the kernel in an arm."""
    file = tmp_path_factory.mktemp("hypoxia") / "study.yaml"
    file.write_text(STUDY, encoding="utf-8")
    plans, lacking = Translator(model).plans(read_studies([file], vocabulary())[0])
    assert not lacking
    lanes = dict(
        zip(plans, run_lanes(model, [(p, 0) for p in plans.values()], RestCache()), strict=True)
    )
    assert all(lane.code is ResultCode.SUCCESS for lane in lanes.values())

    def read(arm: str, name: str) -> float:
        return float(np.asarray(lanes[arm].observed)[-1, model.observable_index[name]])

    return read


@pytest.mark.parametrize("gene", ["SREBF1", "FASN", "ACACA", "IDH1"])
def test_dec1_takes_the_enzymes_of_lipid_synthesis(at_end: At, gene: str) -> None:
    level = {arm: at_end(arm, f"available.{gene}") for arm in ("air", "hypoxia", "no DEC1")}
    assert level["hypoxia"] < 0.85 * level["air"]
    assert level["no DEC1"] > 1.2 * level["hypoxia"]


def test_less_citrate_becomes_lipid_and_more_of_it_stays_in_the_cytosol(at_end: At) -> None:
    assert at_end("hypoxia", "rate.ACLY") < 0.75 * at_end("air", "rate.ACLY")
    assert at_end("hypoxia", "rate.ACLY") < at_end("no DEC1", "rate.ACLY")
    assert at_end("hypoxia", "conc.cit_c") > at_end("no DEC1", "conc.cit_c")


def test_less_atp_is_asked_for(at_end: At) -> None:
    """By a third to a half, so that glycolysis need not make up for all that respiration leaves."""
    left = at_end("hypoxia", "available.ATPM") / at_end("air", "available.ATPM")
    assert 0.5 < left < 0.7
