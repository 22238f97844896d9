"""The key ``tracer`` of a study, and verdicts on labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glutarium.errors import GlutariumError
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.study.parse import read_studies
from glutarium.study.subjects import subjects
from glutarium.study.translate import Translator
from glutarium.study.values import ask

if TYPE_CHECKING:
    from pathlib import Path

    from glutarium.study.study import Study
    from glutarium.study.values import Question

STUDY = """
study: traced
title: A tracer
system: cell
setup: {{cells: [tumour]}}
arms: {{a: {{tracer: {tracer}}}}}
expect:
  - {{observable: tumour.label.{label}, arm: a, is: value, factor: [0, 1]}}
"""


def study(folder: Path, tracer: str, label: str = "lactate_M3") -> Study:
    path = folder / "study.yaml"
    path.write_text(STUDY.format(tracer=tracer, label=label), encoding="utf-8")
    return read_studies([path], vocabulary())[0]


def question(asked: Study) -> Question:
    model = subjects(0).model
    return ask(asked, model, vocabulary(), Translator(model))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("U-13C-glucose", "U-13C-glucose"),
        ("13C6-glucose", "U-13C-glucose"),
        ("[U-13C-glucose, amide-15N-glutamine]", "U-13C-glucose + amide-15N-glutamine"),
        (
            '{U-13C-glucose: 0.5, "1,2-13C-glucose": 0.25}',
            "0.5 U-13C-glucose + 0.25 1,2-13C-glucose",
        ),
        ("2-13C-pyruvate", "2-13C-pyruvate"),
    ],
)
def test_tracers_may_be_several(tmp_path: Path, text: str, meant: str) -> None:
    assert study(tmp_path, text).merged("a").tracer == meant


@pytest.mark.parametrize(
    ("text", "word"),
    [("U-14C-glucose", "U-14C-glucose"), ("{U-13C-glucose: 1.5}", "not between 0 and 1")],
)
def test_what_is_no_tracer_is_named(tmp_path: Path, text: str, word: str) -> None:
    with pytest.raises(GlutariumError, match=word):
        study(tmp_path, text)


def test_an_atom_that_the_molecule_lacks_is_named(tmp_path: Path) -> None:
    lacking = question(study(tmp_path, "7-13C-glucose")).lacking
    assert "labels carbon 7, but glucose has 6 atoms of carbon" in lacking[0].why
    assert "study.yaml, line 2" in lacking[0].why


@pytest.mark.parametrize(
    ("tracer", "label", "word"),
    [
        ("U-13C-glucose", "leucine_from_glucose", "no mapped path leads to it"),
        ("U-13C-glucose", "UTP_N1", "no tracer of the arm labels"),
        ("", "lactate_M3", "has no tracer"),
    ],
)
def test_a_label_that_cannot_be_is_not_supported(
    tmp_path: Path, tracer: str, label: str, word: str
) -> None:
    missing = question(study(tmp_path, tracer, label)).missing
    assert word in missing[0].why
    assert "study.yaml, line 8" in missing[0].why


def test_purity_and_natural_abundance_reach_the_plan(tmp_path: Path) -> None:
    asked = "U-13C-glucose, tracer_purity: 0.99, natural_abundance: true"
    plan = question(study(tmp_path, asked)).plans[0]
    assert (plan.tracer_purity, plan.natural_abundance) == (0.99, True)
    plain = question(study(tmp_path, "U-13C-glucose")).plans[0]
    assert (plain.tracer_purity, plain.natural_abundance) == (1.0, False)


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("tracer_purity: 0", "tracer_purity: 0 leaves no label"),
        ("tracer_purity: 1.2", "not between 0 and 1"),
        ("natural_abundance: 3", "natural_abundance"),
    ],
)
def test_a_purity_that_cannot_be_is_named_with_its_line(
    tmp_path: Path, said: str, word: str
) -> None:
    with pytest.raises(GlutariumError, match=word) as caught:
        study(tmp_path, f"U-13C-glucose, {said}")
    assert caught.value.location is not None
    assert caught.value.location.line == 6


def test_a_label_is_read_in_an_arm_with_a_tracer(tmp_path: Path) -> None:
    found = question(study(tmp_path, "U-13C-glucose"))
    assert not found.missing
    assert found.plans[0].phases[0].tracer == "U-13C-glucose"
