"""Optional packages of the report, imported late and named when they are missing."""

from __future__ import annotations

from importlib import import_module

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
        import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise MissingExtraError(package, "report") from error
