"""What tissues cost: by kinds of cell and by members, in processor time of one core.

python -m benchmarks.places
"""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.table import table
from glutarium.study.check import CheckOptions, check_studies

__all__ = ["section"]

CELLS = (
    "tumour",
    "cd8_effector",
    "treg",
    "macrophage_m2",
    "fibroblast_caf",
    "nk",
    "endothelium",
    "mdsc_monocytic",
    "dendritic_cdc1",
    "adipocyte",
)
DAYS = 60
KINDS = (1, 2, 5, 10)
MEMBERS = (1, 2, 4)
STUDY = """\
study: tissue of {n}
title: Kinds of cell side by side
system: tissue
duration: {days} d
setup:
  cells: [{cells}]
arms:
  control: {{}}
expect:
  - observable: tissue.tumour_volume
    arm: control
    is: up
"""


def section() -> str:
    """Measure kinds of cell with one member, then members with some kinds."""
    with TemporaryDirectory() as folder:
        _seconds(Path(folder), 1, 1, days=1)  # tables, kernels, driver
        rows = [_row(Path(folder), n, 1) for n in KINDS]
        rows += [_row(Path(folder), KINDS[2], m) for m in MEMBERS[1:]]
    head = ("kinds of cell", "members", "CPU s", "CPU s per kind and member")
    return table(head, rows)
