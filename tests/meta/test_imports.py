"""Everything public can be imported, and importing stays light."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import glutarium

HEAVY = {"numpy", "scipy", "pandas", "xarray", "zarr", "llvmlite", "sksundae", "matplotlib", "rich"}
LAZY_IN_CLI = HEAVY - {"rich"}


def _modules() -> list[str]:
    path = [str(Path(glutarium.__file__).parent)]
    return sorted(info.name for info in pkgutil.walk_packages(path, prefix="glutarium."))


@pytest.mark.parametrize("name", [n for n in _modules() if not n.endswith("__main__")])
def test_module_imports(name: str) -> None:
    assert import_module(name).__doc__, f"{name} has no docstring"


@pytest.mark.parametrize("name", glutarium.__all__)
def test_what_the_package_promises_is_there(name: str) -> None:
    assert getattr(glutarium, name) is not None
    assert name in dir(glutarium)


def test_an_unknown_attribute_names_what_there_is() -> None:
    with pytest.raises(AttributeError, match="run_studies"):
        _ = glutarium.no_such_thing


def _loaded_by(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert _loaded_by("import glutarium") & HEAVY == set()


def test_asking_the_command_line_for_help_loads_nothing_heavy() -> None:
    assert _loaded_by("import glutarium.cli.app") & LAZY_IN_CLI == set()
