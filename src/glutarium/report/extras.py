"""Optional packages of the report, imported late and named when they are missing."""

from __future__ import annotations

from importlib.util import find_spec

from glutarium.errors import MissingExtraError

__all__ = ["require"]


def require(package: str) -> None:
    """Make sure that an optional package can be imported.

    Parameters
    ----------
    package
        Name of the package, the same for the import and for the installer.

    Raises
    ------
    MissingExtraError
        The package is not installed; the message names the command that installs it.
    """
    try:
        found = find_spec(package)
    except (ImportError, ValueError):  # hidden on purpose
        found = None
    if found is None:
        raise MissingExtraError(package, "report")
