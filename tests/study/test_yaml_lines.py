"""YAML keeps its lines, its words and nothing twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.errors import StudyError
from glutarium.study.yaml_lines import Node, load_documents

if TYPE_CHECKING:
    from pathlib import Path


def _load(path: Path, text: str) -> list[Node]:
    file = path / "a.yaml"
    file.write_text(text, encoding="utf-8")
    return [document.root for document in load_documents(file)]


def _plain(node: Node) -> object:
    if isinstance(node.value, dict):
        return {key: _plain(value) for key, value in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(value) for value in node.value]
    return node.value


def test_every_key_and_value_has_its_line(tmp_path: Path) -> None:
    (root,) = _load(tmp_path, "a:\n  b: 1\n  c:\n    - x\n    - y\n")
    assert isinstance(root.value, dict)
    inner = root.value["a"]
    assert (root.where("a").line, inner.where("c").line) == (1, 3)
    assert isinstance(inner.value, dict)
    assert inner.value["b"].location.line == 2
    items = inner.value["c"].value
    assert isinstance(items, list)
    assert [item.location.line for item in items] == [4, 5]


@pytest.mark.parametrize("word", ["off", "no", "1e3", "0x10", "2020-01-01", "1:30", "true"])
def test_scalars_are_left_as_they_were_written(tmp_path: Path, word: str) -> None:
    (root,) = _load(tmp_path, f"{word}: {word}\n")
    assert _plain(root) == {word: word}


def test_null_is_nothing_but_quoted_it_is_a_word(tmp_path: Path) -> None:
    (root,) = _load(tmp_path, "[null, ~, , 'null']\n".replace(", ,", ","))
    assert _plain(root) == [None, None, "null"]


def test_an_alias_is_read_again(tmp_path: Path) -> None:
    (root,) = _load(tmp_path, "a: &x {b: 1}\nc: *x\n")
    assert _plain(root) == {"a": {"b": "1"}, "c": {"b": "1"}}


def test_empty_documents_are_passed_over_and_texts_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("---\na: 1\n---\n---\nb: 2\nc: 3\n...\n", encoding="utf-8")
    first, second = load_documents(file)
    assert "a: 1" in first.text
    assert "b:" not in first.text
    assert "b: 2\nc: 3\n" in second.text


def test_a_key_that_is_no_word_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="plain word") as caught:
        _load(tmp_path, "a: 1\n? [x, y]\n: 2\n")
    assert caught.value.location is not None
    assert caught.value.location.line == 2


@given(text=st.text(max_size=60))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.mktemp("any") / "a.yaml"
    file.write_text(text, encoding="utf-8", errors="replace")
    try:
        found: object = load_documents(file)
    except StudyError as error:
        found = error.location
    assert found
