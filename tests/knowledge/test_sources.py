"""Sources: what is read from BibTeX and how it is cited."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glutarium.errors import KnowledgeError
from glutarium.knowledge.sources import Source, read_sources

if TYPE_CHECKING:
    from pathlib import Path

    from tests.knowledge.conftest import Spoil


def test_an_article_is_cited_in_full_and_in_short(spoil: Spoil) -> None:
    source = spoil().sources["Muir2017"]
    assert source.short == "Muir et al. 2017"
    assert source.citation == (
        "Muir A, Müller JP, et al. (2017). Environmental cystine. eLife 6:e27713–e27714. "
        "https://doi.org/10.7554/eLife.27713"
    )
    assert source.doi == "10.7554/eLife.27713"


def test_an_institution_keeps_its_name(spoil: Spoil) -> None:
    source = spoil().sources["Own2026"]
    assert source.short == "The developers 2026"
    assert source.citation == "The developers (2026). Own estimate."
    assert source.url == ""


@pytest.mark.parametrize(
    ("authors", "short"),
    [
        ((), "K"),
        (("Li, X.",), "Li 2024"),
        (("Li, X.", "Wu, Y."), "Li and Wu 2024"),
        (("Li, X.", "others"), "Li et al. 2024"),
        (("Li, X.", "Wu, Y.", "Xu, Z."), "Li et al. 2024"),
    ],
)
def test_short_citations_name_up_to_two_authors(authors: tuple[str, ...], short: str) -> None:
    assert Source("K", "article", authors, "T", "2024", {}).short == short


def test_many_authors_are_cut() -> None:
    authors = tuple(f"Name{i}, A." for i in range(9))
    citation = Source("K", "article", authors, "T", "2024", {}).citation
    assert "Name5 A, et al. (2024)" in citation
    assert "Name6" not in citation


def test_a_doi_may_be_written_as_an_address() -> None:
    source = Source("K", "article", (), "T", "", {"doi": "https://doi.org/10.1/x--y"})
    assert source.url == "https://doi.org/10.1/x--y"


def test_a_key_may_stand_only_once(spoil: Spoil) -> None:
    base = spoil("sources", "@misc{Own2026", "@misc{Muir2017")
    with pytest.raises(KnowledgeError, match=r"Muir2017.*Duplicate.*line 12\)"):
        assert base.sources


def test_an_entry_that_cannot_be_read_is_named(spoil: Spoil) -> None:
    base = spoil("sources", "title = {Own estimate}", "title = {Own estimate")
    with pytest.raises(KnowledgeError, match=r"@misc\{Own2026.*line 12\)"):
        assert base.sources


def test_a_missing_bibliography_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"'sources\.bib' is missing"):
        read_sources(tmp_path / "sources.bib")
