"""Glutarium: an executable kinetic model of glutamine metabolism, for research.

What most scripts need is reachable from here and loaded on first use, so that ``import glutarium``
stays fast::

    >>> import glutarium
    >>> glutarium.__version__.count(".")
    2

Everything else is imported from its room: ``from glutarium.model.spec import ModelSpec``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from glutarium._version import __version__
from glutarium.errors import GlutariumError

if TYPE_CHECKING:
    from glutarium.simulate.result import Result
    from glutarium.study.check import check_studies
    from glutarium.study.run import run_studies

__all__ = ["GlutariumError", "Result", "__version__", "check_studies", "run_studies"]

_LAZY = {
    "Result": "glutarium.simulate.result",
    "check_studies": "glutarium.study.check",
    "run_studies": "glutarium.study.run",
}


def __getattr__(name: str) -> object:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    message = f"module 'glutarium' has no attribute {name!r}; it offers {', '.join(__all__)}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
