from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import xarray as xr

from glutarium.errors import MissingExtraError, OutputError
from glutarium.report.write import write_report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CITATIONS = {"Muir2017": "Muir A. et al. <i>eLife</i> 6. https://doi.org/10.7554/eLife.27713"}
DOSES = {"vehicle": ("CB-839", 0.0), "low & slow": ("CB-839", 0.1), "high": ("CB-839", 10.0)}
VERDICTS = [
    {
        "study": "s",
        "claims": ["S0-1"],
        "system": "cell",
        "observable": "tumour.growth_rate",
        "arm": "high",
        "versus": "vehicle",
        "is": "down",
        "hard": True,
        "fold": 0.3,
        "agreement": 1.0,
        "verdict": "no verdict",
        "reason": "a run of arm 'high' failed",
    },
]
VOID = {"meta", "link", "input", "br"}


class Reader(HTMLParser):
    """Collects what the tests ask about, and fails on tags that do not match."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def read(path: Path) -> Reader:
    reader = Reader()
    reader.feed(path.read_text("utf-8"))
    assert reader.open == []
    return reader


def small(dataset: xr.Dataset) -> xr.Dataset:
    names = ["tumour.growth_rate", "tumour.reaction.GLS", "medium.glutamine"]
    return dataset.sel(observable=names)


@pytest.fixture(scope="module")
def report(dataset: xr.Dataset, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_report(
        SimpleNamespace(dataset=dataset),
        VERDICTS,
        tmp_path_factory.mktemp("report") / "new",
        citations=CITATIONS,
        doses=DOSES,
        about={"solver": "CVODE"},
    )


@pytest.fixture(scope="module")
def page(report: list[Path]) -> Reader:
    return read(report[0])


def test_everything_stands_beside_the_page(report: list[Path]) -> None:
    assert all(path.is_file() and path.stat().st_size for path in report)
    names = [path.name for path in report]
    assert names[0] == "report.html"
    assert {
        "growth.png",
        "pools.png",
        "medium.png",
        "glutamine_balance.png",
        "growth.csv",
        "pools.csv",
        "medium.csv",
        "glutamine_balance.csv",
        "readouts.csv",
        "fluxes.csv",
        "verdicts.csv",
        "failed_runs.csv",
        "dose_cb-839.png",
        "dose_cb-839.csv",
        "map_1_vehicle.svg",
        "map_2_low-slow.svg",
        "map_3_high.svg",
    } <= set(names)
    assert set(report) == set(report[0].parent.iterdir())


def test_the_page_needs_nothing_from_outside(report: list[Path], page: Reader) -> None:
    for tag, attrs in page.tags:
        assert tag not in ("script", "iframe", "img", "object", "embed"), tag
        address = attrs.get("href") or ""
        if tag != "a":
            assert not address or address.startswith(("#", "data:")), (tag, address)
        assert "src" not in attrs
    text = report[0].read_text("utf-8")
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)


def test_links_lead_to_files_and_sections_that_are_there(report: list[Path], page: Reader) -> None:
    ids = {attrs["id"] for _, attrs in page.tags if attrs.get("id")}
    names = {path.name for path in report}
    for attrs in page.all("a"):
        address = attrs["href"] or ""
        assert address.startswith("https://doi.org/") or address in names or address[1:] in ids


def test_ids_are_unique_and_labels_have_their_input(page: Reader) -> None:
    ids = [attrs["id"] for _, attrs in page.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    assert {a["for"] for a in page.all("label")} <= set(ids)


def test_every_picture_has_words_and_a_table_beside_it(page: Reader) -> None:
    roots = [attrs for attrs in page.all("svg") if attrs.get("role") == "img"]
    assert len(roots) == len(page.all("svg"))
    assert all(len(attrs["aria-label"] or "") > 20 for attrs in roots)
    order = [tag for tag, _ in page.tags if tag in ("figure", "table")]
    for here, following in pairwise(order):
        assert here != "figure" or following == "table"


def test_one_map_per_arm_and_the_one_that_differs_most_is_shown(page: Reader) -> None:
    radios = [attrs for attrs in page.all("input") if attrs.get("type") == "radio"]
    assert ["checked" in attrs for attrs in radios] == [False, False, True]


def test_names_are_escaped(report: list[Path], page: Reader) -> None:
    text = report[0].read_text("utf-8")
    assert "low & slow" not in text
    assert "low &amp; slow" in text
    assert "<i>eLife</i>" in page.text


def test_the_page_says_what_it_must(page: Reader) -> None:
    for words in (
        "For research. Not for treating anyone",
        "A block of glutaminase",
        "11 of 12 runs finished",
        "rtol is too loose",
        "asn_c -3e-4 mM at 7.5 h",
        "no verdict",
        "12 of the records",
        "Gross2014 (no citation text was given)",
        "CVODE",
        "gls-block",
        "drug CB-839 10",
        "Who got the glutamine",
        "24 h",
    ):
        assert words in re.sub(r"\s+", " ", page.text), words


def test_the_same_input_gives_the_same_bytes(dataset: xr.Dataset, tmp_path: Path) -> None:
    def contents(folder: str) -> dict[str, bytes]:
        result = SimpleNamespace(dataset=small(dataset).isel(arm=[0, 2]))
        files = write_report(result, VERDICTS, tmp_path / folder, citations=CITATIONS, doses=DOSES)
        return {path.name: path.read_bytes() for path in files}

    assert contents("one") == contents("two")


def test_a_result_with_little_in_it_still_makes_a_page(dataset: xr.Dataset, tmp_path: Path) -> None:
    bare = dataset.sel(observable=["medium.glutamine"], arm=["vehicle"]).drop_vars(
        ["fate", "code", "detail", "sink", "element"]
    )
    bare.attrs = {}
    files = write_report(SimpleNamespace(dataset=bare), [], tmp_path, citations={})
    text = read(files[0]).text
    assert "The study expects nothing" in text
    assert "All 4 runs finished" in text
    assert "no pools" in text


def test_a_result_in_which_everything_failed_says_so(dataset: xr.Dataset, tmp_path: Path) -> None:
    failed = small(dataset).copy(deep=True)
    failed["code"][:] = "SOLVER_ERROR"
    failed["value"][:] = np.nan
    files = write_report(SimpleNamespace(dataset=failed), [], tmp_path, citations={}, doses=DOSES)
    assert "0 of 12 runs finished" in read(files[0]).text


def test_each_cell_of_a_coculture_has_its_own_figures(dataset: xr.Dataset, tmp_path: Path) -> None:
    both = small(dataset).isel(arm=[0])
    other = both.assign_coords(
        observable=[str(n).replace("tumour", "cd8_effector") for n in both["observable"].values]
    )
    other = other.sel(observable=["cd8_effector.growth_rate", "cd8_effector.reaction.GLS"])
    joined = xr.concat(
        [both, other],
        dim="observable",
        data_vars="minimal",
        join="outer",
        coords="different",
        compat="equals",
    )
    files = write_report(SimpleNamespace(dataset=joined), [], tmp_path, citations={})
    names = {path.name for path in files}
    assert {
        "growth_tumour.png",
        "growth_cd8-effector.png",
        "map_cd8-effector_1_vehicle.svg",
    } <= names
    assert "cd8_effector" in read(files[0]).text


@pytest.mark.parametrize("package", ["matplotlib", "jinja2"])
def test_a_missing_package_is_named_before_anything_is_written(
    package: str, dataset: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=rf"'{package}'.*glutarium\[report\]"):
        write_report(SimpleNamespace(dataset=dataset), [], tmp_path / "new", citations={})
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_made_is_an_output_error(
    make_dataset: Callable[..., xr.Dataset], tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file")
    tiny = make_dataset(members=1, times=2).sel(observable=["medium.glutamine"])
    tiny = tiny.drop_vars(["fate", "sink", "element"])
    with pytest.raises(OutputError, match="taken"):
        write_report(SimpleNamespace(dataset=tiny), [], tmp_path / "taken", citations={})
