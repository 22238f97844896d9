"""Files that commands write as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from glutarium.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["require_writable", "write_json"]


def require_writable(path: Path | None, what: str) -> None:
    """Refuse a file whose folder is missing or that holds something else.

    ``--json`` before a path reads that path as the file to write, so a forgotten name would replace
    an input; only an earlier file of JSON may be replaced. To be called before the work.

    Parameters
    ----------
    path
        File to be written; None where none was asked for.
    what
        What it is for, as a plural: ``verdicts``.

    Raises
    ------
    OutputError
        The file may not be written.
    """
    if path is None:
        return
    if not path.parent.is_dir():
        message = f"The folder {path.parent} for the {what} does not exist; make it first"
        raise OutputError(message)
    if not path.exists():
        return
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = (
            f"{path} exists and is not JSON, so it is left alone: --json takes the file to "
            f"write the {what} to, for instance --json {what}.json"
        )
        raise OutputError(message) from error


def write_json(path: Path, content: object) -> None:
    """Write JSON with one space per level.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    try:
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}; choose another file"
        raise OutputError(message) from error
