"""Largest resident memory of an ensemble with 50 observables, in a process of its own.

python -m benchmarks.memory 10000
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from typing import Any

import numpy as np

from benchmarks import ours
from benchmarks.problem import generated_problem

__all__ = ["section"]

RTOL = 1e-4
OBSERVABLES = 50
PER_KILOBYTE = 1024 if sys.platform != "darwin" else 1


def section(members: int) -> dict[str, Any]:
    """Measure in a process of its own, with all results held at once."""
    command = [sys.executable, "-m", "benchmarks.memory", str(members)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": (done.stderr.strip().splitlines() or ["no message"])[-1]}
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def cells(found: dict[str, Any]) -> list[tuple[str, ...]]:
    """The table of a section."""
    if "failed" in found:
        return [("memory",), (f"failed: {found['failed']}",)]
    figures = (str(found["members"]), str(found["observables"]), f"{found['seconds']:.1f}")
    return [("members", "observables", "s", "GiB"), (*figures, f"{found['gib']:.2f}")]


def main() -> int:
    times = np.linspace(0.0, 72.0, 100)
    problem = generated_problem(int(sys.argv[1]), times)
    engine = ours.Ours(problem.spec)
    atol = problem.atol(RTOL)
    answer = engine.run(
        problem.y0, problem.p, times, RTOL, atol, threads=2, observables=OBSERVABLES
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * PER_KILOBYTE
    found = {"members": len(answer.y), "observables": answer.y.shape[2], "gib": peak / 2**30}
    print(json.dumps(found | {"seconds": answer.seconds}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
