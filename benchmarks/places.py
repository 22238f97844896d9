"""What tissues cost: by kinds of cell and by members, in processor time.

python -m benchmarks.places
"""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from glutarium.study.check import CheckOptions, check_studies

CELLS = (
    "tumour",
    "cd8_effector",
    "treg",
    "macrophage_m2",
    "caf",
    "nk",
    "endothelial",
    "mdsc",
    "dendritic_cdc1",
    "adipocyte",
)
DAYS = 60
KINDS = (1, 2, 5, 10)
MEMBERS = (2, 4)
FEW = 2
"""Kinds of cell where members are counted."""
STUDY = """\
study: S0-001
title: Kinds of cell side by side
system: tissue
duration: {days} d
setup:
  cells: [{cells}]
arms:
  vehicle: {{}}
  treated:
    drug: {{CB-839: 1}}
expect:
  - observable: tissue.tumour_volume
    arm: treated
    versus: vehicle
    is: down
"""
ARMS = 2


def main() -> None:
    """Measure kinds of cell with one member, then members with a few kinds."""
    _seconds(1, 1, days=1)  # tables, kernels and driver
    print("| kinds of cell | members | CPU s | CPU s per kind and member |")
    print("|---:|---:|---:|---:|")
    for kinds, members in [*((n, 1) for n in KINDS), *((FEW, m) for m in MEMBERS)]:
        found = _seconds(kinds, members)
        print(f"| {kinds} | {members} | {found:.2f} | {found / kinds / members:.2f} |")


def _seconds(kinds: int, members: int, days: int = DAYS) -> float:
    """Processor time of one arm, states of rest included."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "study.yaml"
        path.write_text(STUDY.format(days=days, cells=", ".join(CELLS[:kinds])), encoding="utf-8")
        start = time.process_time()
        records = check_studies([path], options=CheckOptions(members=members, workers=1))
        took = time.process_time() - start
    if records[0].fold is None:
        print(f"{kinds} kinds of cell, {members} members: {records[0].reason}")
    return took / ARMS


if __name__ == "__main__":
    main()
