"""What is kept of a chunk beside its values: a small file whose presence says that the chunk is finished.

The file holds a digest of the values, which stand in the store. It gets its name when it is complete and
after the values are on disk; a chunk without a file, with a broken one or with other values is not done.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from glutarium.study.values import MemberValues

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from glutarium.kernel import Array
    from glutarium.study.chunk import Chunk

__all__ = ["Kept", "digest_of", "read_chunk", "write_chunk"]

ARRAYS = ("shares", "uptake", "account", "clone_account", "clone_shares", "clone_uptake")
BROKEN = (OSError, EOFError, KeyError, ValueError, TypeError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, eq=False)
class Kept:
    """A finished chunk without its values; see :class:`glutarium.study.chunk.Chunk`.

    Attributes
    ----------
    digest
        Hash of the values.
    codes, details, shares, uptake, account, clone_account, clone_shares, clone_uptake, answers
        As of the chunk.
    """

    digest: str
    codes: list[list[str]]
    details: list[list[str]]
    shares: Array
    uptake: Array
    account: Array
    clone_account: Array
    clone_shares: Array
    clone_uptake: Array
    answers: list[MemberValues]


def digest_of(values: Array) -> str:
    """Hash of values, bit by bit; all NaN are one, since a store keeps no empty block of them."""
    return hashlib.sha256(np.where(np.isnan(values), np.nan, values).tobytes()).hexdigest()


def write_chunk(path: Path, chunk: Chunk) -> None:
    """Mark a chunk as finished; its values must be in the store already."""
    words = {
        "digest": digest_of(chunk.values),
        "codes": chunk.codes,
        "details": chunk.details,
        "answers": [_answer_to_json(answer) for answer in chunk.answers],
    }
    arrays = {name: getattr(chunk, name) for name in ARRAYS}
    scratch = path.with_suffix(".part")
    with scratch.open("wb") as file:
        np.savez(file, words=np.array(json.dumps(words)), **arrays)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def read_chunk(path: Path) -> Kept | None:
    """Read what is kept of a chunk; None where there is nothing that can be read."""
    try:
        with path.open("rb") as file, np.load(file) as stored:
            words = json.loads(str(stored["words"]))
            arrays = {name: stored[name] for name in ARRAYS}
        answers = [_answer_from_json(answer) for answer in words["answers"]]
        said = words["digest"], words["codes"], words["details"]
        return Kept(*said, **arrays, answers=answers)
    except BROKEN:
        return None


def _answer_to_json(answer: MemberValues) -> dict[str, Any]:
    """Numbers survive to the last bit: they are written with as many digits as that takes."""
    values = [[*key, float(value)] for key, value in answer.values.items()]
    return {"values": values, "failures": answer.failures}


def _answer_from_json(answer: dict[str, Any]) -> MemberValues:
    rows: Sequence[tuple[str, str, float | None, float]] = answer["values"]
    values = {(arm, name, at_h): value for arm, name, at_h, value in rows}
    return MemberValues(values, answer["failures"])
