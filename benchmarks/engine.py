"""Glutarium's engine beside other simulators, in one run on one machine.

    python -m benchmarks.engine [--quick] [--peers roadrunner,sundae] [--members 2000]
                                [--cell-peers roadrunner] [--json FILE] [--markdown FILE]

Ensembles run on one core, 72 h with 100 outputs of all states; peers run the first members only. Times
are per member, from arrays to arrays; ratios are of processor time for the members that the peer has run,
so other load and members that take unusually many steps count little.
Absolute tolerances are those of the model in proportion to rtol; what a peer does otherwise is noted.
Errors are the largest over states and times of |y - reference| / (|reference| + 1e-3 of its maximum),
medians over the same members for all.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import memory, peers, scaling, startup, table, voxel
from benchmarks.apart import measure_apart
from benchmarks.figures import figures
from benchmarks.measure import measure_ours
from benchmarks.problem import cell_problem, generated_problem
from glutarium.machine import vector_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.problem import Problem

RTOLS = [1e-6, 1e-4]
OUR_RTOLS = [1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4]
"""Those beside ``RTOLS`` show what equal errors cost."""
SECTIONS = ("startup", "voxel", "scaling", "memory", "ensemble")
HOURS, OUTPUTS = 72.0, 100
PATIENCE = {"amici": 1.5, "diffrax": 1.5}
"""Share of the limit on large models: compilers take their time."""
LARGE = ("roadrunner", "sundae")
"""Peers that get through the cell; the others read or compiled it for minutes without an end."""


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    if asked.quick:
        asked.members, asked.peer_members = min(asked.members, 64), min(asked.peer_members, 3)
    report = table.Report()
    found: dict[str, Any] = {"machine": machine(asked.peers)}
    report.say(found["machine"])
    for name in SECTIONS:
        if name in asked.sections:
            start = time.perf_counter()
            found[name] = _DO[name](asked, report)
            _say(f"{name}: {time.perf_counter() - start:.0f} s")
            _save(asked, report, found)
    quick = " (quick: too few members to count)" if asked.quick else ""
    report.heading(f"Figures of the issue{quick}")
    report.grid([tuple(line) for line in figures(found)])
    _save(asked, report, found)
    return 0


def _save(asked: argparse.Namespace, report: table.Report, found: dict[str, Any]) -> None:
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    if asked.markdown:
        asked.markdown.write_text("\n".join(report.markdown) + "\n", encoding="utf-8")


def _startup(_: argparse.Namespace, report: table.Report) -> dict[str, Any]:
    found = startup.section()
    report.heading(
        "Start: compiled cold in empty caches, then loaded; the driver serves all models"
    )
    report.grid(startup.cells(found))
    if found["study"] is not None:
        report.say(
            f"glutarium run, 2 arms, 2 members, second time, start to report: {found['study']:.1f} s, "
            f"processor {found['study_cpu']:.1f} s"
        )
    return found


def _voxel(asked: argparse.Namespace, report: table.Report) -> list[dict[str, Any]]:
    limit = asked.peer_limit if "roadrunner" in asked.peers else None
    found = voxel.section(quick=asked.quick, limit=limit)
    report.heading(
        "Voxels: coupled every 300 s, rtol 1e-3, Rodas3; voxel steps per second and core"
    )
    report.grid(voxel.cells(found))
    return found


def _scaling(asked: argparse.Namespace, report: table.Report) -> list[dict[str, Any]]:
    found = scaling.section(quick=asked.quick)
    report.heading("Scaling: generated networks, rtol 1e-6; time per step tried and lane")
    report.grid(scaling.cells(found))
    return found


def _memory(asked: argparse.Namespace, report: table.Report) -> dict[str, Any]:
    found = memory.section(100 if asked.quick else 10_000)
    report.heading(
        "Memory: 150 species, 100 outputs, two threads, all results held; largest resident"
    )
    report.grid(memory.cells(found))
    return found


def _ensembles(asked: argparse.Namespace, report: table.Report) -> list[dict[str, Any]]:
    times = np.linspace(0.0, HOURS, OUTPUTS)
    makers = {"cell": cell_problem, "generated": generated_problem}
    chosen = dict(makers) if asked.model == "both" else {asked.model: makers[asked.model]}
    if asked.model != "cell":
        chosen["small"] = partial(generated_problem, size=60)
    rows = []
    for name, make in chosen.items():
        count = min(asked.members, 500) if name == "small" else asked.members
        problem = make(max(count, asked.peer_members), times)
        chosen_peers = [p for p in asked.peers if name != "cell" or p in asked.cell_peers]
        rows += _ensemble(problem, chosen_peers, asked, report)
    return rows


def _ensemble(
    problem: Problem, names: list[str], asked: argparse.Namespace, report: table.Report
) -> list[dict[str, Any]]:
    agreement = problem.solve(asked.peer_members)
    mine = measure_ours(problem, OUR_RTOLS, RTOLS, asked.threads)
    head, theirs = problem.head(asked.peer_members), []
    for peer in names:
        patience = 1.0 if len(problem.spec.states) < 100 else PATIENCE.get(peer, 1.0)
        theirs += measure_apart(peer, head, RTOLS, patience * asked.peer_limit)
    report.heading(table.heading(problem))
    report.grid(table.ensemble(mine + theirs))
    report.grid(table.gains(mine, theirs))
    report.say(f"Reference: Rodas5P at 1e-11; CVODE at 1e-10 differs by {agreement:.0e}.\n")
    report.say(table.notes(theirs))
    return [row.as_dict() for row in mine + theirs]


_DO = {
    "startup": _startup,
    "voxel": _voxel,
    "scaling": _scaling,
    "memory": _memory,
    "ensemble": _ensembles,
}


def machine(names: Sequence[str]) -> str:
    """Date, processor, cores and versions."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    cpu = models[0] if models else platform.processor() or platform.machine()
    today = datetime.now(UTC).date()
    packages = [f"{name} {version(name)}" for name in ("numpy", "numba", "llvmlite")]
    packages += [peers.version(name) for name in names]
    cores = f"{os.cpu_count()} cores, {vector_width()} lanes, Python {platform.python_version()}"
    return ", ".join([str(today), cpu, cores, *packages])


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
    names = _list(list(peers.NAMES), "peer")
    add("--peers", type=names, default=list(peers.NAMES), help="names")
    add("--cell-peers", type=names, default=list(LARGE), help="those that also run the cell")
    add("--members", type=int, default=2000, help="members of our ensembles (default: 2000)")
    add("--peer-members", type=int, default=16, help="members that peers run (default: 16)")
    add(
        "--peer-limit",
        type=float,
        default=80.0,
        help="seconds for one peer on one model; half more for AMICI and diffrax",
    )
    add("--model", choices=("cell", "generated", "both"), default="both")
    add("--sections", type=_list(SECTIONS, "section"), default=list(SECTIONS), help="names")
    add("--threads", type=int, default=os.cpu_count() or 1, help="for the gain from threads")
    add("--json", type=Path, help="also write all figures to this file")
    add("--markdown", type=Path, help="also write all tables to this file")
    return parser


if __name__ == "__main__":
    sys.exit(main())
