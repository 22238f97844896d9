"""What a start costs: compiling a model and the driver, loading both, and a small study from the shell.

python -m benchmarks.startup cell
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import ours
from benchmarks.problem import cell_problem, generated_problem

__all__ = ["section"]

HEAD = ("model", "kernel s", "reload ms", "driver s", "driver again s")
TIMES = np.array([0.0, 1.0])
LONG = 300.0
"""Seconds after which something is wrong."""
STUDY = Path(__file__).parents[1] / "examples" / "hct116-cb839.yaml"


def section() -> dict[str, Any]:
    """Measure in processes of their own: the first with empty caches, the second with full ones."""
    with tempfile.TemporaryDirectory() as folder:
        found = {name: _pair(name, Path(folder) / name) for name in ("cell",)}
        study = _study(Path(folder))
    return {"models": found, "study": study}


def cells(found: dict[str, Any]) -> list[tuple[str, ...]]:
    """The table of a section."""
    rows: list[tuple[str, ...]] = [HEAD]
    for name, (cold, warm) in found["models"].items():
        kernel, reload = f"{cold['kernel']:.2f}", f"{1e3 * warm['kernel']:.1f}"
        rows.append((name, kernel, reload, f"{cold['driver']:.2f}", f"{warm['driver']:.2f}"))
    return rows


def _pair(name: str, folder: Path) -> list[dict[str, float]]:
    command = [sys.executable, "-m", "benchmarks.startup", name]
    caches = {"GLUTARIUM_CACHE": str(folder / "k"), "NUMBA_CACHE_DIR": str(folder / "n")}
    outputs = [
        subprocess.run(command, env=os.environ | caches, capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    return [json.loads(done.stdout.strip().splitlines()[-1]) for done in outputs]


def _study(folder: Path) -> float | None:
    """Wall time of ``glutarium run`` on the smallest example, the second time; None if it fails."""
    command = [sys.executable, "-m", "glutarium", "run", str(STUDY), "--members", "2", "--force"]
    seconds = 0.0
    for _ in range(2):
        start = time.perf_counter()
        done = subprocess.run(
            [*command, "-o", str(folder / "out")], capture_output=True, check=False, timeout=LONG
        )
        seconds = time.perf_counter() - start
        if done.returncode:
            return None
    return seconds


def main() -> int:
    make = cell_problem if sys.argv[1] == "cell" else generated_problem
    problem = make(2, TIMES)
    engine = ours.Ours(problem.spec)
    start = time.perf_counter()
    engine.warm_up(problem.y0, problem.p, problem.atol(1e-3))
    driver = time.perf_counter() - start
    print(json.dumps({"kernel": engine.compile_seconds, "driver": driver}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
