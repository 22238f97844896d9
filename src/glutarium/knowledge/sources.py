"""Sources: the publications behind the numbers, read from BibTeX, and how they are cited."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from glutarium.errors import KnowledgeError, Location

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bibtexparser.library import Library
    from bibtexparser.model import Block, Entry

__all__ = ["Source", "read_sources"]

_MOST_AUTHORS = 6
_OTHERS = "others"
_LATEX = re.compile(r"[\\$~%&#^_`']")
"""What only LaTeX understands; braces and dashes aside, which :func:`_plain` does."""


@dataclass(frozen=True, slots=True)
class Source:
    """One publication.

    Attributes
    ----------
    key
        BibTeX key, ``Muir2017``.
    kind
        BibTeX entry type, ``article``.
    authors
        ``Muir, Alexander`` and so on, in order; a name without a comma is an institution's. The
        last may be ``others``.
    title
        Title.
    year
        Year as text; may be empty.
    fields
        All other BibTeX fields by lower-case name: ``journal``, ``volume``, ``pages``, ``doi``, …
    """

    key: str
    kind: str
    authors: tuple[str, ...]
    title: str
    year: str
    fields: Mapping[str, str]

    @property
    def doi(self) -> str:
        """Bare DOI; empty where there is none."""
        return re.sub(r"^(https?://(dx\.)?doi\.org/|doi:)", "", self.fields.get("doi", ""))

    @property
    def url(self) -> str:
        """Address of the publication; empty where none is known."""
        return f"https://doi.org/{self.doi}" if self.doi else self.fields.get("url", "")

    @property
    def short(self) -> str:
        """Author and year, ``Muir et al. 2017``."""
        match [name.partition(",")[0] for name in self.authors]:
            case []:
                return self.key
            case [only]:
                who = only
            case [first, second] if second != _OTHERS:
                who = f"{first} and {second}"
            case [first, *_]:
                who = f"{first} et al."
        return f"{who} {self.year}".strip()

    @property
    def citation(self) -> str:
        """Full reference in one line, as a list of references shows it."""
        named = [name for name in self.authors if name != _OTHERS]
        shown = ", ".join(map(_initials, named[:_MOST_AUTHORS]))
        more = len(named) > _MOST_AUTHORS or _OTHERS in self.authors
        who = f"{shown}, et al." if more else shown
        place = self.fields.get("journal") or self.fields.get("booktitle")
        place = place or self.fields.get("publisher") or self.fields.get("howpublished", "")
        pages = self.fields.get("pages", "").replace("--", "–")
        numbers = ":".join(filter(None, (self.fields.get("volume"), pages)))
        where = " ".join(filter(None, (place, numbers)))
        parts = (f"{who} ({self.year})" if self.year else who, self.title, where)
        text = ". ".join(part.strip().rstrip(".") for part in parts if part.strip()) + "."
        return f"{text} {self.url}".strip()


def read_sources(path: Path) -> dict[str, Source]:
    """Read a BibTeX file.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    dict
        Sources by key, in the order of the file.

    Raises
    ------
    KnowledgeError
        The file is missing, an entry cannot be read, or a key stands twice; names the line.
    """
    from bibtexparser.entrypoint import parse_string  # noqa: PLC0415  (only citing needs it)
    from bibtexparser.middlewares import NormalizeFieldKeys, SeparateCoAuthors  # noqa: PLC0415

    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        message = f"Bibliography {path.name!r} is missing: it must stand in {path.parent}"
        raise KnowledgeError(message) from None
    # Bad entries come back as blocks and are raised below; the library's log would say it twice.
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    library = _decoded(parse_string(text, append_middleware=[NormalizeFieldKeys()]))
    library = SeparateCoAuthors().transform(library)
    if library.failed_blocks:
        raise _unreadable(library.failed_blocks[0], path)
    return {entry.key: _source(entry) for entry in library.entries}


def _decoded(library: Library) -> Library:
    """Turn LaTeX into letters; only where there is any, since that takes longer than all else."""
    from bibtexparser.library import Library  # noqa: PLC0415
    from bibtexparser.middlewares import LatexDecodingMiddleware  # noqa: PLC0415
    from bibtexparser.model import Entry  # noqa: PLC0415

    decoder = LatexDecodingMiddleware()

    def decoded(block: Block) -> Block:
        if isinstance(block, Entry) and any(_LATEX.search(str(f.value)) for f in block.fields):
            return decoder.transform_entry(block, library)
        return block

    return Library([decoded(block) for block in library.blocks])


def _unreadable(block: Block, path: Path) -> KnowledgeError:
    reason = str(getattr(block, "error", "")) or "a brace or comma is missing"
    first = (block.raw or "").strip().splitlines()[:1]
    line = None if block.start_line is None else block.start_line + 1
    message = f"{path.name}: entry {' '.join(first)!r} cannot be used: {reason}"
    return KnowledgeError(message, location=Location(path, line))


def _source(entry: Entry) -> Source:
    fields = {field.key: field.value for field in entry.fields}
    authors = fields.pop("author", ())
    people = authors if isinstance(authors, list | tuple) else (str(authors),)
    texts = {key: _plain(str(value)) for key, value in fields.items()}
    return Source(
        key=entry.key,
        kind=entry.entry_type,
        authors=tuple(_plain(str(name)) for name in people),
        title=texts.pop("title", ""),
        year=texts.pop("year", ""),
        fields=MappingProxyType(texts),
    )


def _initials(name: str) -> str:
    """``Danai, Laura V.`` as ``Danai LV``."""
    surname, _, given = name.partition(",")
    letters = "".join(part[0] for part in re.split(r"[\s.-]+", given) if part)
    return f"{surname} {letters}".strip()


def _plain(text: str) -> str:
    """Drop braces that only protect case, and folded lines; long dashes are letters."""
    text = text.replace("---", "—").replace("--", "–")
    return re.sub(r"\s+", " ", re.sub(r"[{}]", "", text)).strip()
