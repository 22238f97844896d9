"""Run an ensemble in chunks: spread them, write each when it is done, go on where a run was left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.study.schedule import Workforce

if TYPE_CHECKING:
    from collections.abc import Callable

    from glutarium.study.chunk import Chunk
    from glutarium.study.unfinished import Unfinished

__all__ = ["run_chunks"]


def run_chunks(
    work: Callable[[range], Chunk],
    unfinished: Unfinished,
    workforce: Workforce | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Run every chunk that is not finished yet.

    A chunk is written when it is done and then dropped, so memory holds a few at a time however large
    the ensemble is.

    Parameters
    ----------
    work
        A pure function from a block of members to what comes out.
    unfinished
        Where chunks are written.
    workforce
        Who does the work.
    progress
        Called with the members that are done and all there are.

    Raises
    ------
    KeyboardInterrupt
        At Ctrl-C, with a note that says what is kept and how to go on.
    """
    missing = unfinished.missing()
    sizes = [len(block) for block in unfinished.blocks]
    total = sum(sizes)
    done = total - sum(sizes[i] for i in missing)
    tell = progress or (lambda _done, _total: None)
    if done:
        tell(done, total)
    try:
        tasks = [unfinished.blocks[i] for i in missing]
        for k, chunk in (workforce or Workforce()).spread(work, tasks):
            unfinished.keep(missing[k], chunk)
            done += sizes[missing[k]]
            tell(done, total)
    except KeyboardInterrupt as stop:
        stop.add_note(
            f"Stopped. {done} of {total} members are finished and kept in {unfinished.folder}. "
            "To go on, run the same command again, with --resume in place of --force"
        )
        raise
