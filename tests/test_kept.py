from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from glutarium.kept import kept

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Pair:
    left: float
    right: tuple[Pair, ...] = ()


THING = MappingProxyType({"a": Pair(1.0, (Pair(2.0), Pair(float("inf"))))})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GLUTARIUM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def refuse() -> object:
    message = "it was made again"
    raise AssertionError(message)


def test_what_is_kept_is_not_made_again_and_equal(folder: Path) -> None:
    assert kept("thing", "1", lambda: THING) == THING
    assert kept("thing", "1", refuse) == THING
    assert [p.suffix for p in folder.iterdir()] == [".thing"]


def test_another_key_or_name_is_another_thing(folder: Path) -> None:
    assert [kept("a", "1", lambda: 1), kept("a", "2", lambda: 2), kept("b", "1", lambda: 3)] == [
        1,
        2,
        3,
    ]
    assert [kept(name, key, refuse) for name, key in ("a1", "a2", "b1")] == [1, 2, 3]
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 4000])
def test_a_damaged_file_is_made_again_and_mended(folder: Path, damage: bytes) -> None:
    kept("thing", "1", lambda: THING)
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    for broken in (damage, whole[:-1], whole[:40] + b"?" + whole[41:]):
        file.write_bytes(broken)
        assert kept("thing", "1", lambda: THING) == THING
        assert file.read_bytes() == whole


def test_a_folder_that_cannot_be_written_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_text("a file")
    monkeypatch.setenv("GLUTARIUM_CACHE", str(tmp_path / "taken"))
    assert kept("thing", "1", lambda: 5) == 5


def test_no_cache_makes_it_every_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLUTARIUM_CACHE", "off")
    assert [kept("thing", "1", lambda n=n: n) for n in (1, 2)] == [1, 2]  # type: ignore[misc]
    assert not folder.exists()


def test_the_oldest_of_a_name_are_forgotten(folder: Path) -> None:
    for i in range(12):
        kept("thing", str(i), lambda: 0)
    kept("other", "1", lambda: 0)
    assert len(list(folder.glob("*.thing"))) == 8
    assert len(list(folder.glob("*.other"))) == 1
