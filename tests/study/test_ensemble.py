"""Chunks: written when they finish, dropped from memory, trusted only if they are whole."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.errors import OutputError
from glutarium.simulate.readout import Reading
from glutarium.study.chunk import SMALLEST, Chunk, blocks
from glutarium.study.chunk_file import read_chunk, write_chunk
from glutarium.study.ensemble import run_chunks
from glutarium.study.fingerprint import LABELS
from glutarium.study.schedule import Workforce
from glutarium.study.unfinished import Unfinished, alone, discard, folder_of, refuse_another
from glutarium.study.values import MemberValues

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ARMS, TIMES, OBSERVABLES = 2, 3, 4
ABOUT = dict.fromkeys(LABELS, "as it was")
READINGS = {f"tumour.pool.{i}": Reading({f"conc.{i}": 1.0}, "mM") for i in range(OBSERVABLES)}
HERE = Workforce(workers=1)


def chunk_of(members: Sequence[int], shape: tuple[int, int] = (TIMES, OBSERVABLES)) -> Chunk:
    """Numbers that tell members apart and use all their bits."""
    rng = [np.random.default_rng(m) for m in members]
    values = np.stack([r.standard_normal((ARMS, *shape)) for r in rng], axis=1)
    values[0, 0, -1] = np.nan
    shares = np.stack([r.standard_normal((ARMS, 2, 5)) for r in rng], axis=1)
    answers = [MemberValues({("a", "x", None): m / 3, ("b", "x", 2.0): np.nan}) for m in members]
    answers[0].failures["b"] = "why"
    words = [[f"{arm}{m}" for m in members] for arm in "ab"]
    parts = shares, shares[..., 0], shares[..., :1]
    return Chunk(values, words, words, *parts, *parts, answers)


def begin(target: Path, members: int = 10, size: int | None = 3) -> Unfinished:
    shape = (ARMS, members, TIMES, OBSERVABLES)
    return Unfinished.begin(target, ABOUT, blocks(members, ARMS, size), shape, READINGS)


class Counted:
    """Counts the members that are run; stops, if asked to, before a chunk."""

    def __init__(self, stop_before: int | None = None, error: BaseException | None = None) -> None:
        self.ran: list[int] = []
        self.stop_before, self.error = stop_before, error

    def __call__(self, members: range) -> Chunk:
        if members.start == self.stop_before and self.error is not None:
            raise self.error
        self.ran += members
        return chunk_of(members)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "out" / "study"


@pytest.fixture
def finished(target: Path) -> Unfinished:
    """A run whose chunks are all there."""
    run_chunks(chunk_of, begin(target), HERE)
    return begin(target)


def assert_whole(unfinished: Unfinished) -> None:
    """Everything that an uninterrupted run would have left is there, to the last bit."""
    kept = unfinished.kept()
    for block, chunk in zip(unfinished.blocks, kept, strict=True):
        wanted = chunk_of(block)
        assert unfinished.store.read(block).tobytes() == wanted.values.tobytes()
        assert chunk.shares.tobytes() == wanted.shares.tobytes()
        assert chunk.uptake.tobytes() == wanted.uptake.tobytes()
        assert chunk.account.tobytes() == wanted.account.tobytes()
        assert (chunk.codes, chunk.details) == (wanted.codes, wanted.details)
        assert repr(chunk.answers) == repr(wanted.answers)


@pytest.mark.parametrize(("members", "arms"), [(1, 1), (16, 8), (17, 300), (10_000, 2), (250, 3)])
def test_blocks_hold_every_member_once_and_not_too_many_runs(members: int, arms: int) -> None:
    cut = blocks(members, arms)
    assert [m for block in cut for m in block] == list(range(members))
    assert all(len(block) == 1 or len(block) * arms <= 256 for block in cut)
    whole = members * arms  # there is no gain in cutting what the lanes of one chunk hold
    assert len(cut) >= min(members, 9, -(-whole // SMALLEST))


def test_everything_is_kept_to_the_last_bit(finished: Unfinished) -> None:
    assert finished.missing() == []
    assert_whole(finished)


def test_progress_counts_members(target: Path) -> None:
    told: list[tuple[int, int]] = []
    run_chunks(chunk_of, begin(target), HERE, lambda *counts: told.append(counts))
    assert told == [(3, 10), (6, 10), (9, 10), (10, 10)]


def test_what_is_finished_is_not_run_again(target: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        run_chunks(Counted(6, ZeroDivisionError()), begin(target), HERE)
    again, told = Counted(), list[tuple[int, int]]()
    run_chunks(again, begin(target), HERE, lambda *counts: told.append(counts))
    assert again.ran == [6, 7, 8, 9]
    assert told[0] == (6, 10)
    assert_whole(begin(target))


def test_a_stop_says_what_is_kept_and_how_to_go_on(target: Path) -> None:
    with pytest.raises(KeyboardInterrupt) as caught:
        run_chunks(Counted(6, KeyboardInterrupt()), begin(target), HERE)
    (said,) = caught.value.__notes__
    assert "6 of 10 members" in said
    assert str(folder_of(target)) in said
    assert "same command again" in said


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("spoil", [cut_short, flip_a_bit, empty, Path.unlink])
@pytest.mark.parametrize("file", ["chunks/00001.npz", "result.zarr/value/0.1.0.0"])
def test_a_broken_chunk_is_run_again(
    target: Path, finished: Unfinished, file: str, spoil: Callable[[Path], None]
) -> None:
    spoil(finished.folder / file)
    again = Counted()
    run_chunks(again, begin(target), HERE)
    assert again.ran == [3, 4, 5]
    assert_whole(begin(target))


def test_values_without_a_mark_are_not_finished(target: Path) -> None:
    """A kill between the values and the mark, and one while the mark was written."""
    unfinished = begin(target)
    unfinished.store.write(range(3), chunk_of(range(3)).values)
    write_chunk(unfinished.folder / "chunks" / "00001.npz", chunk_of(range(3, 6)))
    mark = unfinished.folder / "chunks" / "00002.npz"
    write_chunk(mark, chunk_of(range(6, 9)))
    mark.rename(mark.with_suffix(".part"))
    assert begin(target).missing() == [0, 1, 2, 3]


def test_marks_of_a_store_that_is_gone_count_for_nothing(
    target: Path, finished: Unfinished
) -> None:
    (finished.folder / "result.zarr" / "value" / ".zarray").unlink()
    assert begin(target).missing() == [0, 1, 2, 3]


def test_a_block_without_any_number_is_finished_too(target: Path) -> None:
    unfinished = begin(target)
    chunk = chunk_of(range(3))
    chunk.values[:] = -np.nan
    unfinished.keep(0, chunk)
    assert begin(target).missing() == [1, 2, 3]


@pytest.mark.parametrize("part", LABELS)
def test_another_run_is_refused_with_what_differs(
    target: Path, finished: Unfinished, part: str
) -> None:
    del finished
    refuse_another(target, ABOUT)
    with pytest.raises(OutputError, match=LABELS[part]) as caught:
        refuse_another(target, ABOUT | {part: "changed"})
    assert "--force" in str(caught.value)
    assert not any(label in str(caught.value) for key, label in LABELS.items() if key != part)


@pytest.mark.parametrize("content", [None, "", "{", "[]"])
def test_a_folder_that_cannot_be_read_is_not_taken_over(target: Path, content: str | None) -> None:
    folder = folder_of(target)
    folder.mkdir(parents=True)
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    if content is not None:
        (folder / "run.json").write_text(content, encoding="utf-8")
    with pytest.raises(OutputError, match="no run that can be continued"):
        refuse_another(target, ABOUT)


def test_a_run_that_was_killed_before_it_began_is_begun_anew(target: Path) -> None:
    with alone(target):
        pass
    refuse_another(target, ABOUT)
    run_chunks(chunk_of, begin(target), HERE)
    assert_whole(begin(target))


def test_two_processes_do_not_write_one_run(target: Path) -> None:
    with alone(target):
        with pytest.raises(OutputError, match="another process"), alone(target):
            pass
        with pytest.raises(OutputError, match="another process"):
            discard(target)
    discard(target)
    assert not folder_of(target).exists()


def test_a_chunk_that_was_lost_on_the_way_is_not_made_up(finished: Unfinished) -> None:
    (finished.folder / "chunks" / "00002.npz").unlink()
    assert read_chunk(finished.folder / "chunks" / "00002.npz") is None
    with pytest.raises(OutputError, match="run it again"):
        finished.kept()


def test_a_finished_run_takes_the_place_of_its_target(target: Path, finished: Unfinished) -> None:
    target.mkdir()
    (target / "old.txt").write_text("old", encoding="utf-8")
    finished.become(target)
    assert {p.name for p in target.iterdir()} == {"result.zarr"}
    assert not folder_of(target).exists()


def test_memory_holds_a_few_chunks_of_ten_thousand_members(target: Path) -> None:
    members, shape = 10_000, (10, 50)
    whole = ARMS * members * np.prod(shape) * 8
    cut = blocks(members, ARMS)
    readings = {f"x{i}": Reading({}, "mM") for i in range(shape[1])}
    unfinished = Unfinished.begin(target, ABOUT, cut, (ARMS, members, *shape), readings)
    tracemalloc.start()
    try:
        run_chunks(lambda block: chunk_of(block, shape), unfinished, HERE)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 0.2 * whole
    last = chunk_of(cut[-1], shape).values
    assert unfinished.store.read(cut[-1]).tobytes() == last.tobytes()
    about = json.loads((unfinished.folder / "run.json").read_text(encoding="utf-8"))
    assert about == ABOUT
