"""What a start costs: compiling a model and the driver, loading both, and a small study from the shell.

python -m benchmarks.startup cell
"""

from __future__ import annotations

import json
import os
import resource
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

HEAD = (
    "model",
    "kernel s",
    "kernel CPU s",
    "reload ms",
    "reload CPU ms",
    "driver CPU s",
    "driver again CPU s",
)
TIMES = np.array([0.0, 1.0])
LONG = 300.0
"""Seconds after which something is wrong."""
STUDY = """\
study: small
title: One drug against none
system: cell
setup:
  cells: [tumour]
  oxygen: 0.21
arms:
  vehicle: {}
  treated:
    drug: {CB-839: 1}
expect:
  - observable: tumour.growth_rate
    arm: treated
    versus: vehicle
    is: down
"""
"""Two arms, run with two members."""


def section() -> dict[str, Any]:
    """Measure in processes of their own: the first with empty caches, the second with full ones."""
    with tempfile.TemporaryDirectory() as folder:
        found = {name: _pair(name, Path(folder) / name) for name in ("cell",)}
        study = _study(Path(folder))
    return {"models": found, "study": study[0], "study_cpu": study[1]}


def cells(found: dict[str, Any]) -> list[tuple[str, ...]]:
    """The table of a section."""
    rows: list[tuple[str, ...]] = [HEAD]
    for name, (cold, warm) in found["models"].items():
        kernel, reload = f"{cold['kernel']:.2f}", f"{1e3 * warm['kernel']:.1f}"
        cpu = f"{cold['cpu']:.2f}", f"{1e3 * warm['cpu']:.1f}"
        drivers = f"{cold['driver']:.2f}", f"{warm['driver']:.2f}"
        rows.append((name, kernel, cpu[0], reload, cpu[1], *drivers))
    return rows


def _pair(name: str, folder: Path) -> list[dict[str, float]]:
    command = [sys.executable, "-m", "benchmarks.startup", name]
    caches = {"GLUTARIUM_CACHE": str(folder / "k"), "NUMBA_CACHE_DIR": str(folder / "n")}
    outputs = [
        subprocess.run(command, env=os.environ | caches, capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    return [json.loads(done.stdout.strip().splitlines()[-1]) for done in outputs]


def _study(folder: Path) -> tuple[float | None, float | None]:
    """Wall and processor time of ``glutarium run`` on a small study, the second time; None if it fails.

    The first time fills what an installation fills too: byte code, compiled loop and kernel, kept model.
    """
    known = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    known["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
    study = folder / "small.yaml"
    study.write_text(STUDY, encoding="utf-8")
    command = [sys.executable, "-m", "glutarium", "run", str(study), "--members", "2", "--force"]
    seconds = cpu = 0.0
    for _ in range(2):
        start, before = time.perf_counter(), _cpu_of_children()
        done = subprocess.run(
            [*command, "-o", str(folder / "out")],
            capture_output=True,
            check=False,
            timeout=LONG,
            env=known,
        )
        seconds, cpu = time.perf_counter() - start, _cpu_of_children() - before
        if done.returncode:
            return None, None
    return seconds, cpu


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    make = cell_problem if sys.argv[1] == "cell" else generated_problem
    problem = make(2, TIMES)
    engine = ours.Ours(problem.spec)
    start = time.process_time()
    engine.warm_up(problem.y0, problem.p, problem.atol(1e-3))
    driver = time.process_time() - start
    seconds = {"kernel": engine.compile_seconds, "cpu": engine.compile_cpu, "driver": driver}
    print(json.dumps(seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
