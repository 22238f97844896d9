"""What is built holds everything that the installed package needs."""

from __future__ import annotations

import re
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from hatchling import build

from glutarium._version import __version__

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)  # the build backend reads pyproject.toml where it stands
        name = build.build_wheel(str(folder))
    return zipfile.ZipFile(folder / name)


def test_every_file_of_the_package_travels(wheel: zipfile.ZipFile) -> None:
    files = (p for p in (SOURCE / "glutarium").rglob("*") if p.is_file())
    wanted = {p.relative_to(SOURCE).as_posix() for p in files if "__pycache__" not in p.parts}
    assert wanted - set(wheel.namelist()) == set()


def test_the_knowledge_tables_and_the_type_marker_are_among_them(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    data = "glutarium/knowledge/data"
    assert {
        f"{data}/pathways/tca-cycle/reactions.tsv",
        f"{data}/metabolites.tsv",
        f"{data}/sources.bib",
    } <= names
    assert "glutarium/py.typed" in names
    assert "glutarium/cli/study-template.yaml" in names


def test_nothing_else_travels(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops == {"glutarium", f"glutarium-{__version__}.dist-info"}


def test_metadata(wheel: zipfile.ZipFile) -> None:
    info = f"glutarium-{__version__}.dist-info"
    text = wheel.read(f"{info}/METADATA").decode()
    assert f"\nVersion: {__version__}\n" in text
    assert "\nLicense-Expression: Apache-2.0\n" in text
    assert f"{info}/licenses/LICENSE" in wheel.namelist()
    assert "glutarium = glutarium.cli.app:main" in wheel.read(f"{info}/entry_points.txt").decode()


def test_the_changelog_begins_with_what_is_to_come_or_with_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    first = next(line for line in text.splitlines() if line.startswith("## "))
    assert first.startswith(("## [Unreleased]", f"## [{__version__}]"))


UNLOCKED = {"omics"}
"""Extras that the lock leaves out: this one asks for an older pandas than the others are tested with."""


def test_the_lock_pins_every_dependency_and_names_no_address() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = settings["optional-dependencies"].items()
    extras = [d for name, group in groups if name not in UNLOCKED for d in group]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = {line.split("==")[0] for line in lock.splitlines() if "==" in line}
    wanted = {_name(d) for d in [*settings["dependencies"], *extras]} - {"glutarium"}
    assert wanted - pinned == set()
    assert "://" not in lock


def _name(requirement: str) -> str:
    return re.split(r"[>=\[]", requirement, maxsplit=1)[0].lower()


def test_pre_commit_fetches_nothing() -> None:
    settings = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert {repo["repo"] for repo in settings["repos"]} == {"local"}
