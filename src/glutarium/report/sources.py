"""The numbered list of sources."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Source", "number_sources"]

_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S*[^\s.,;\"])")


@dataclass(frozen=True, slots=True)
class Source:
    """One entry: its BibTeX key and its text, cut around the DOI where it holds one."""

    key: str
    text: str
    doi: str = ""
    rest: str = ""


def number_sources(keys: object, citations: Mapping[str, str]) -> tuple[Source, ...]:
    """List the sources a result rests on, ordered by key.

    Parameters
    ----------
    keys
        The result's ``sources``: a JSON list of BibTeX keys, or a list; empty means all citations.
    citations
        BibTeX key → citation text.
    """
    wanted = json.loads(keys) if isinstance(keys, str) and keys else keys
    listed = [str(k) for k in wanted] if isinstance(wanted, (list, tuple)) else []
    return tuple(_source(key, citations) for key in sorted(set(listed or citations), key=str.lower))


def _source(key: str, citations: Mapping[str, str]) -> Source:
    text = citations.get(key, "")
    doi = _DOI.search(text)
    if doi is None:
        return Source(key, text or f"{key} (no citation text was given)")
    return Source(key, text[: doi.start()], doi[1], text[doi.end() :])
