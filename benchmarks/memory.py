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
PER_KILOBYTE = 1024 if sys.platform != "darwin" else 1


def section(members: int) -> dict[str, Any]:
    """Measure in a process of its own, and print."""
    count = members if ours.BATCHED else min(members, 50)
    command = [sys.executable, "-m", "benchmarks.memory", str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    print(f"\n## memory: {ours.NAME}, {count} members of 150 species, 100 outputs")
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        print(f"failed: {reason}")
        return {"failed": reason}
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    print(f"{found['observables']} observables: largest resident memory {found['gib']:.2f} GiB")
    return found


def main() -> int:
    count = int(sys.argv[1])
    times = np.linspace(0.0, 72.0, 100)
    problem = generated_problem(count, times)
    engine = ours.Ours(problem.spec)
    y = engine.observe(problem.y0, problem.p, times, RTOL, problem.atol(RTOL))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * PER_KILOBYTE
    print(json.dumps({"members": count, "observables": y.shape[2], "gib": peak / 2**30}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
