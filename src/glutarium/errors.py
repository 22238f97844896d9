"""One tree of exceptions; every message names the thing, the value, what was allowed and the next step.

```
GlutariumError
├── KnowledgeError      a record is missing, malformed or has no unit, source or basis
├── UnknownNameError    a name is not in the vocabulary (carries the closest matches)
├── UnitError           a quantity has the wrong dimension, unit or sign
├── StudyError          a study file cannot be read (carries file and line)
├── ModelError          a specification is inconsistent (unbalanced reaction, undefined symbol)
├── CompileError        a specification could not be turned into a kernel
├── OutputError         results cannot be written or opened
├── SchedulerError      the scheduler does not answer, or its workers are lost or cannot do the work
└── MissingExtraError   an optional dependency is not installed (names the command that installs it)
```

A *run* that fails is not an exception but a value: see :class:`glutarium.kernel.ResultCode`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = [
    "CompileError",
    "GlutariumError",
    "KnowledgeError",
    "Location",
    "MissingExtraError",
    "ModelError",
    "OutputError",
    "SchedulerError",
    "StudyError",
    "UnitError",
    "UnknownNameError",
]


@dataclass(frozen=True, slots=True)
class Location:
    """Where in a file something stands; printed as ``path, line n``."""

    path: Path | str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.path}" if self.line is None else f"{self.path}, line {self.line}"


class GlutariumError(Exception):
    """Base of all errors that Glutarium raises on purpose.

    Parameters
    ----------
    message
        What happened, with the offending value, what was allowed and the next step.
    location
        File and line, where there is one; it is put at the end of the message.
    """

    def __init__(self, message: str, *, location: Location | None = None) -> None:
        self.message = message
        self.location = location
        super().__init__(message if location is None else f"{message} ({location})")


class KnowledgeError(GlutariumError):
    """A record of the knowledge tables is missing, malformed or lacks unit, source or basis."""


class UnknownNameError(GlutariumError):
    """A name is not in the vocabulary.

    Parameters
    ----------
    name
        The name as it was written.
    kind
        What was looked for ("metabolite", "gene", "drug", …).
    matches
        Closest known names, best first.
    location
        File and line.
    """

    def __init__(
        self,
        name: str,
        kind: str,
        matches: Sequence[str] = (),
        *,
        location: Location | None = None,
    ) -> None:
        self.name = name
        self.kind = kind
        self.matches = tuple(matches)
        hint = f"; did you mean {', '.join(self.matches)}?" if self.matches else ""
        search = f" Search with: glutarium names {name!r}."
        super().__init__(f"Unknown {kind} {name!r}{hint}{search}", location=location)


class UnitError(GlutariumError):
    """A quantity has the wrong dimension, unit or sign."""


class StudyError(GlutariumError):
    """A study file cannot be read."""


class ModelError(GlutariumError):
    """A model specification is inconsistent."""


class CompileError(GlutariumError):
    """A specification could not be turned into a numerical kernel."""


class OutputError(GlutariumError):
    """Results cannot be written or opened."""


class SchedulerError(GlutariumError):
    """A scheduler does not answer, or workers are lost or cannot do the work."""


class MissingExtraError(GlutariumError):
    """An optional dependency is missing.

    Parameters
    ----------
    package
        The distribution that could not be imported.
    extra
        The extra of Glutarium that brings it.
    """

    def __init__(self, package: str, extra: str) -> None:
        self.package = package
        self.extra = extra
        super().__init__(
            f"This needs {package!r}, which is not installed. "
            f"Install it with: python -m pip install 'glutarium[{extra}]'"
        )
