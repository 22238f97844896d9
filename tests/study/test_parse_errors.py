"""What is wrong is named, with the line, what is allowed and what comes close."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glutarium.errors import GlutariumError, StudyError, UnitError, UnknownNameError
from glutarium.study.parse import read_studies

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glutarium.names import Vocabulary
    from glutarium.study.study import Study

    Reader = Callable[[str], list[Study]]

TOP = "study: s\nsystem: cell\nsetup: {cells: [tumour]}\n"
ARMS = "arms:\n  control: {}\n  treated: {drug: {CB-839: 1}}\n"
GROWTH = "observable: tumour.growth_rate"


def _expect(text: str) -> str:
    return f"{TOP}{ARMS}expect:\n  - {{{text}}}\n"


BAD = {
    "not yaml": ("study: [a\narms: {", "not YAML", None),
    "tab": ("study: s\n\tsystem: cell\n", "not YAML", 2),
    "empty": ("", "holds no study", None),
    "only comments": ("# nothing\n---\n", "holds no study", None),
    "a list": ("- a\n- b\n", "mapping", 1),
    "no id": ("system: cell\narms: {a: {}}\n", "no 'study'", 1),
    "no system": ("study: s\narms: {a: {}}\n", "no 'system'", 1),
    "no arms": (TOP, "no 'arms'", 1),
    "empty arms": (TOP + "arms: {}\n", "at least one arm", 4),
    "no cells": ("study: s\nsystem: cell\narms: {a: {}}\n", "No cells", 3),
    "system": ("study: s\nsystem: cells\narms: {a: {}}\n", "did you mean 'cell'", 2),
    "top key": (TOP + "armes: {}\n" + ARMS, "'armes' in a study; did you mean 'arms'", 4),
    "condition": (TOP + "arms:\n  a:\n    oxigen: 0.1\n", "did you mean 'oxygen'", 6),
    "twice": (TOP + "system: body\n" + ARMS, "'system' stands twice (first in line 2)", 4),
    "same id": (TOP + ARMS + "---\n" + TOP + ARMS, "'s' stands twice", 8),
    "duration": (TOP + "duration: 24 mM\n" + ARMS, "duration: '24 mM'", 4),
    "no time": (TOP + "duration: 0 h\n" + ARMS, "more than zero", 4),
    "negative": (TOP + "arms: {a: {medium: {glutamine: -1}}}\n", "medium.glutamine: '-1'", 4),
    "unit": (TOP + "arms: {a: {medium: {glutamine: 2 mg}}}\n", "M, mM, uM, nM", 4),
    "oxygen": (TOP + "arms: {a: {oxygen: 21}}\n", "not between 0 and 1", 4),
    "stimulus": ("study: s\nsystem: cell\nsetup: {cells: [tumour], stimulus: {TCR: 5}}\n" + ARMS,
                 "not between 0 and 1", 3),
    "pH": (TOP + "arms: {a: {medium: {pH: 74}}}\n", "not a pH", 4),
    "negative gene": (TOP + "arms: {a: {gene: {GLS: -1}}}\n", "gene.GLS", 4),
    "gene": (TOP + "arms: {a: {gene: {GLS3: 0}}}\n", "did you mean GLS", 4),
    "cell": ("study: s\nsystem: cell\nsetup: {cells: [tumor]}\n" + ARMS, "did you mean tumour", 3),
    "drug": (TOP + "arms:\n  a:\n    drug:\n      CB-893: {dose: 1 mg}\n", "CB-839", 7),
    "same drug": (TOP + "arms: {a: {drug: {CB-839: 1, telaglenastat: 2}}}\n", "keep one", 4),
    "dose": (TOP + "arms: {a: {drug: {DON: {dose: 1 h, route: iv}}}}\n", "drug.DON.dose", 4),
    "route": (TOP + "arms: {a: {drug: {DON: {dose: 1 mg, route: or}}}}\n", "oral, iv", 4),
    "no route": (TOP + "arms: {a: {drug: {DON: {dose: 1 mg}}}}\n", "no 'route'", 4),
    "change": (TOP + "arms: {a: {at: [{oxygen: 0.1}]}}\n", "no 'time'", 4),
    "table": (TOP + "arms: {a: {expression: none.tsv}}\n", "no file", 4),
    "observable": (_expect("observable: tumour.pool.glutamin, arm: control, is: value, "
                           "factor: [0, 1]"), "did you mean glutamine", 8),
    "arm": (_expect(GROWTH + ", arm: treted, versus: control, is: up"), "'treated'", 8),
    "verb": (_expect(GROWTH + ", arm: treated, versus: control, is: dwn"), "'down'", 8),
    "no is": (_expect(GROWTH + ", arm: treated, versus: control"), "'is' is missing", 8),
    "no versus": (_expect(GROWTH + ", arm: treated, is: up"), "'versus' is missing", 8),
    "no factor": (_expect(GROWTH + ", arm: treated, is: value"), "'factor' is missing", 8),
    "no insult": (_expect(GROWTH + ", arm: treated, baseline: control, is: rescued"),
                  "'insult' is missing", 8),
    "no b": (_expect(GROWTH + ", arm: treated, a: control, versus: control, is: synergy"),
             "'b' is missing", 8),
    "half a pair": (_expect(GROWTH + ", arm: [treated, control], versus: control, is: up"),
                    "'arm' has 2 and 'versus' 1", 8),
    "triple": (_expect(GROWTH + ", arm: [control, control, treated], versus: control, is: up"),
               "not 3 arms", 8),
    "pair of values": (_expect(GROWTH + ", arm: [control, treated], is: value, factor: [0, 1]"),
                       "under is: up, down or unchanged", 8),
    "open factor": (_expect(GROWTH + ", arm: treated, is: value, factor: [null, null]"),
                    "bounds nothing", 8),
    "turned factor": (_expect(GROWTH + ", arm: treated, is: value, factor: [2, 1]"),
                      "write [low, high]", 8),
    "one bound": (_expect(GROWTH + ", arm: treated, is: value, factor: 2"), "[low, high]", 8),
    "hard": (_expect(GROWTH + ", arm: treated, versus: control, is: up, hard: very"),
             "true or false", 8),
    "too late": (_expect(GROWTH + ", arm: treated, versus: control, is: up, at: 25 h"),
                 "after the end of the run (24 h)", 8),
    "self": (TOP + "arms: &a {control: *a}\n", "contains itself", None),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_studies(name: str, read: Reader) -> None:
    text, words, line = BAD[name]
    with pytest.raises(GlutariumError) as caught:
        read(text)
    error = caught.value
    assert words in str(error)
    assert isinstance(error, StudyError | UnitError | UnknownNameError)
    assert error.location is not None
    assert str(error.location.path).endswith("layer.yaml")
    if line is not None:
        assert error.location.line == line


def test_a_file_that_is_not_there(tmp_path: Path, vocabulary: Vocabulary) -> None:
    with pytest.raises(StudyError, match="no file or folder"):
        read_studies([tmp_path / "none.yaml"], vocabulary)


def test_a_folder_without_a_study(tmp_path: Path, vocabulary: Vocabulary) -> None:
    (tmp_path / "notes.txt").write_text("no study", encoding="utf-8")
    with pytest.raises(StudyError, match="holds no study"):
        read_studies([tmp_path], vocabulary)


def test_a_file_that_is_no_text(tmp_path: Path, vocabulary: Vocabulary) -> None:
    path = tmp_path / "image.yaml"
    path.write_bytes(b"\x89PNG\xff\xfe\x00")
    with pytest.raises(StudyError, match="cannot be read as UTF-8"):
        read_studies([path], vocabulary)


def test_what_no_model_simulates_is_not_an_error_here(read: Reader) -> None:
    (study,) = read(TOP + "arms: {a: {alternatives: {nobody: knows}, tracer: U-13C-glucose}}\n")
    assert study.arms["a"].conditions.tracer == "U-13C-glucose"
