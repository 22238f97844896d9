"""Glutarium's engine beside other simulators, in one run on one machine.

    python -m benchmarks.engine [--quick] [--peers roadrunner,sundae] [--members 2000] [--json FILE]

Ensembles run on one core, 72 h with 100 outputs of all states. Peers run fewer members; their time is
per member. Time is wall time, so let nothing else run. Absolute tolerances are those of the model,
scaled with rtol; libRoadRunner takes their median and COPASI the median share of a pool.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import memory, ours, peers, scaling, table, voxel
from benchmarks.apart import measure_apart
from benchmarks.measure import measure_ours
from benchmarks.problem import cell_problem, generated_problem

if TYPE_CHECKING:
    from collections.abc import Sequence

RTOLS = [1e-6, 1e-4]
SECTIONS = ("ensemble", "voxel", "scaling", "memory")
HOURS, OUTPUTS = 72.0, 100


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    if asked.quick:
        asked.members, asked.peer_members = min(asked.members, 32), min(asked.peer_members, 2)
    found: dict[str, Any] = {"machine": machine(), "batched": ours.BATCHED}
    print(f"{found['machine']}\n")
    if not ours.BATCHED:
        print("The batched engine is not in this version: 'ours' is the reference integrator.\n")
    if "ensemble" in asked.sections:
        found["ensemble"] = _ensembles(asked)
    if "voxel" in asked.sections:
        found["voxel"] = voxel.section(quick=asked.quick, peers="roadrunner" in asked.peers)
    if "scaling" in asked.sections:
        found["scaling"] = scaling.section(quick=asked.quick)
    if "memory" in asked.sections:
        found["memory"] = memory.section(100 if asked.quick else 10_000)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return 0


def _ensembles(asked: argparse.Namespace) -> list[dict[str, Any]]:
    times = np.linspace(0.0, HOURS, OUTPUTS)
    count = max(asked.members, asked.peer_members)
    makers = {"cell": cell_problem, "generated": generated_problem}
    chosen = list(makers) if asked.model == "both" else [asked.model]
    rows = []
    for name in chosen:
        problem = makers[name](count, times)
        mine = measure_ours(problem, RTOLS, asked.peer_members, asked.threads, _say)
        print(table.heading(problem), flush=True)
        theirs = []
        for peer in asked.peers:
            rows_of = measure_apart(peer, problem, RTOLS, asked.peer_members, asked.peer_limit)
            _say("".join(f"  {row.rtol:g}: {row.note}\n" for row in rows_of if row.note).rstrip())
            theirs += rows_of
        print(table.ensemble(mine, theirs), flush=True)
        rows += [row.as_dict() for row in mine + theirs]
    return rows


def machine() -> str:
    """Date, processor, cores and versions."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    cpu = models[0] if models else platform.processor() or platform.machine()
    today = datetime.now(UTC).date()
    return f"{today}, {cpu}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _list(allowed: Sequence[str], what: str) -> Any:  # noqa: ANN401 - a type for argparse
    def read(text: str) -> list[str]:
        names = [name for name in text.split(",") if name and name != "none"]
        wrong = [name for name in names if name not in allowed]
        if wrong:
            message = f"no {what} {wrong[0]!r}; choose from {', '.join(allowed)}, none"
            raise argparse.ArgumentTypeError(message)
        return names

    return read


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.engine",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="few members and small systems: does it all run?")
    add("--peers", type=_list(list(peers.NAMES), "peer"), default=list(peers.NAMES), help="names")
    add("--members", type=int, default=2000, help="members of our ensembles (default: 2000)")
    add("--peer-members", type=int, default=32, help="members that peers run (default: 32)")
    add("--peer-limit", type=float, default=1800.0, help="seconds for one peer on one model")
    add("--model", choices=("cell", "generated", "both"), default="both")
    add("--sections", type=_list(SECTIONS, "section"), default=list(SECTIONS), help="names")
    add("--threads", type=int, default=os.cpu_count() or 1, help="for the gain from threads")
    add("--json", type=Path, help="also write all figures to this file")
    return parser


if __name__ == "__main__":
    sys.exit(main())
