"""DejaVu Sans, as Matplotlib brings it, for what Pillow draws; Matplotlib itself is not loaded."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from glutarium.errors import MissingExtraError

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

__all__ = ["font"]


@lru_cache(maxsize=32)
def font(size: float, *, bold: bool = False) -> FreeTypeFont:
    """The font in a size, pixels."""
    from PIL import ImageFont

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(_folder() / name), size)


@lru_cache(maxsize=1)
def _folder() -> Path:
    package = "matplotlib"
    found = find_spec(package)
    if found is None or found.origin is None:
        raise MissingExtraError(package, "report")
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
