"""What ``glutarium network check`` finds: an error or a warning, about what, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glutarium.errors import Location

__all__ = ["ERROR", "WARNING", "NetworkFinding"]

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, slots=True)
class NetworkFinding:
    """One thing to look at.

    Attributes
    ----------
    severity
        ``error``: the model cannot be right; ``warning``: it may be meant.
    check
        Which question it answers: ``tables``, ``constants``, ``compartments``, ``dead ends``,
        ``blocked``, ``unreachable``, ``evidence`` or ``loops``.
    subject
        Reaction, species or loop.
    message
        What was found, and what to do.
    location
        File and line; None for what no single row causes.
    """

    severity: str
    check: str
    subject: str
    message: str
    location: Location | None = None
