"""The rooms import only downwards, and the documents say so."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "glutarium"


def _layers() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers: list[str] = next(c for c in contracts if c["type"] == "layers")["layers"]
    return layers


def _rooms() -> set[str]:
    found = {p.stem for p in PACKAGE.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    return found - {"__init__", "__main__", "_version"}


def test_all_contracts_between_rooms_are_kept() -> None:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run(  # a process of its own: the linter sets up logging and output
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_room_is_a_package_or_module_that_the_chain_places() -> None:
    placed = set(re.findall(r"\w+", " ".join(_layers()))) - {"__main__", "_version"}
    assert _rooms() <= placed
    assert placed - _rooms() <= {"web"}, "only the browser face is still to come"


def test_every_folder_of_code_is_a_package() -> None:
    folders = {p.parent for p in PACKAGE.rglob("*.py")}
    missing = sorted(
        str(p.relative_to(PACKAGE)) for p in folders if not (p / "__init__.py").exists()
    )
    assert missing == []


def test_the_chain_in_the_documents_is_the_chain_that_is_held() -> None:
    held = [set(re.findall(r"[a-z]+", layer)) - {"version"} for layer in _layers()[1:]]
    for page in ("docs/architecture.md", "CONTRIBUTING.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        line = next(row for row in text.splitlines() if row.startswith("cli | web →"))
        drawn = [set(re.findall(r"[a-z]+", part)) for part in line.split("→")]
        assert drawn == held, page


def test_the_drawing_of_the_route_names_every_room_on_it() -> None:
    drawing = (ROOT / "docs" / "_static" / "route.svg").read_text(encoding="utf-8")
    names = re.findall(r'class="name"[^>]*>([^<]+)<', drawing)
    drawn = set(re.findall(r"[a-z]+", " ".join(names)))
    assert drawn == _rooms()
