"""Markers by folder and the profiles of hypothesis."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).parent

# As the command line does, and before numpy is loaded: threads of tests that run side by side only
# wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Never derandomised: every run looks somewhere else, and a failure prints how to repeat it.
settings.register_profile("default", max_examples=50, deadline=None, print_blob=True)
settings.register_profile(
    "ci",
    settings.get_profile("default"),
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],  # a shared machine is slow at times
)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def _room(path: Path) -> str | None:
    parts = path.relative_to(HERE).parts if path.is_relative_to(HERE) else ()
    return parts[0] if len(parts) > 1 else None


def pytest_configure(config: pytest.Config) -> None:
    """Register one marker per folder of tests, so that ``-m model`` runs a room's."""
    for folder in sorted(p.name for p in HERE.iterdir() if p.is_dir() and p.name[0] not in "_."):
        config.addinivalue_line("markers", f"{folder}: tests in tests/{folder}")


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Mark every test by the folder that it lies in."""
    for item in items:
        room = _room(item.path)
        if room is not None:
            item.add_marker(getattr(pytest.mark, room))
