"""Verdicts of an audit as they come, in a file, so that a later call goes on where this one stopped."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from glutarium.errors import ModelError
from glutarium.kept import program

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Kept", "Verdicts", "read_kept"]

Verdicts = tuple[bool | None, ...]
"""Whether each expectation of a study holds; None where it cannot be judged."""

Cut = tuple[str, int]
"""An edge and the position of a study."""


@dataclass
class Kept:
    """What is known of cuts; what is added goes to the file as well.

    Attributes
    ----------
    path
        The file; None: nothing is kept.
    known
        Edge and study → verdicts without the edge.
    """

    path: Path | None
    known: dict[Cut, Verdicts] = field(default_factory=dict)

    def add(self, cuts: Sequence[Cut], verdicts: Sequence[Verdicts]) -> None:
        """Take up some cuts."""
        fresh = dict(zip(cuts, verdicts, strict=True))
        self.known.update(fresh)
        if self.path is None:
            return
        with self.path.open("a", encoding="utf-8") as file:
            for (edge, study), found in fresh.items():
                file.write(json.dumps([edge, study, found]) + "\n")


def read_kept(path: Path | None, texts: Sequence[str]) -> Kept:
    """Go on with a file, or begin one.

    Parameters
    ----------
    path
        The file; None: nothing is kept.
    texts
        Texts of all studies, in order.

    Raises
    ------
    ModelError
        If the file belongs to other studies or another version of the model.
    """
    if path is None:
        return Kept(None)
    stamp = {"program": program(), "studies": _hash(texts)}
    if not path.exists():
        path.write_text(json.dumps(stamp) + "\n", encoding="utf-8")
        return Kept(path)
    head, *lines = path.read_text(encoding="utf-8").splitlines() or ["{}"]
    if json.loads(head) != stamp:
        message = (
            f"{path} was written for other studies, tables or code; cuts of one model cannot be mixed "
            "with those of another. Name another file, or remove this one."
        )
        raise ModelError(message)
    known = {(edge, study): tuple(found) for edge, study, found in map(json.loads, lines)}
    return Kept(path, known)


def _hash(texts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
