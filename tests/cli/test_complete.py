"""Completion of study files in the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glutarium.cli.complete import complete_study

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "alpha.yaml").write_text("study: a\ntitle: What if?\n", encoding="utf-8")
    (tmp_path / "beta.yml").write_text("study: b\n", encoding="utf-8")
    (tmp_path / "broken.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    (tmp_path / "series").mkdir()
    (tmp_path / ".hidden").mkdir()
    return tmp_path


def test_files_come_with_their_titles_and_folders_after_them(folder: Path) -> None:
    found = complete_study(f"{folder}/")
    assert found == [
        (f"{folder}/alpha.yaml", "What if?"),
        (f"{folder}/beta.yml", ""),
        (f"{folder}/broken.yaml", ""),
        (f"{folder}/series/", "folder"),
    ]


def test_what_was_typed_narrows_it(folder: Path) -> None:
    assert [name for name, _ in complete_study(f"{folder}/b")] == [
        f"{folder}/beta.yml",
        f"{folder}/broken.yaml",
    ]


def test_an_empty_word_looks_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert [name for name, _ in complete_study("")][:1] == ["alpha.yaml"]
    assert [name for name, _ in complete_study("al")] == ["alpha.yaml"]


def test_a_folder_that_is_not_there_completes_to_nothing(folder: Path) -> None:
    assert complete_study(f"{folder}/nowhere/x") == []
