"""What was asked of the engine beside what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks import ours
from benchmarks.measure import Row, median_error, same_members
from benchmarks.table import as_exact, ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["figures"]

Line = tuple[str, str, str, str]
HEAD: Line = ("figure", "asked", "measured", "met")
GAINS = (
    ("libRoadRunner", "cpu", 40.0, "libRoadRunner"),
    ("AMICI", "solver", 10.0, "AMICI's own clock"),
    ("AMICI", "cpu", 40.0, "AMICI's whole call"),
    ("scikit-sundae", "cpu", 20.0, "CVODE, analytic Jacobian"),
    ("diffrax", "cpu", 1000.0, "diffrax"),
)
SIZE, VOXEL_STEPS, ONE_RUN = 150, 50_000.0, 15.0
"""Absolute figures are for so many species and go with their number: voxel steps/s/core, one run in ms."""


def figures(found: dict[str, Any]) -> list[Line]:
    """One line per figure that the chosen sections give."""
    lines = [HEAD]
    if "ensemble" in found:
        lines += _ensemble([Row(**row) for row in found["ensemble"]])
    if "voxel" in found:
        lines += _voxel(found["voxel"])
    if "startup" in found:
        lines += _startup(found["startup"])
    if "gib" in found.get("memory", {}):
        gib = found["memory"]["gib"]
        count = found["memory"]["members"]
        lines.append(_at_most(f"memory, {count:,} members, 50 observables", 2.0, gib, "GiB"))
    if len(found.get("scaling", [])) > 1:
        rows = found["scaling"]
        each = [row["microseconds"] / row["species"] for row in rows]
        what = f"time per step and species, {rows[-1]['species']} against {rows[0]['species']}"
        lines.append((what, "no cliff", f"{each[-1] / each[0]:.2f} times", "-"))
    return lines


def _ensemble(rows: list[Row]) -> Iterator[Line]:
    mine = {(row.problem, row.rtol): row for row in rows if row.simulator == ours.NAME}
    for simulator, clock, asked, name in GAINS:
        for row in rows:
            if row.simulator == simulator and getattr(row, clock):
                mates = [me for me in mine.values() if me.problem == row.problem]
                what = f"gain over {name}, {row.problem}, {row.rtol:g}"
                yield what, f"{asked:g}", *_gain(row, clock, asked, mates)
    for row in mine.values():
        where = f"{row.problem}, {row.rtol:g}"
        if row.rtol in {1e-4, 1e-6} and row.single is not None:
            asked = round(ONE_RUN * (row.species or SIZE) / SIZE, 1)
            yield _at_most(f"one run, {where}", asked, 1e3 * row.single, "ms")
            yield from _singles(row, rows)
        if row.gain is not None and row.rtol in {1e-4, 1e-6}:
            least, most = row.scatter
            what = f"all cores against one, {where} (pairs {least:.2f} to {most:.2f})"
            yield _at_least(what, 1.8, row.gain)


def _gain(row: Row, clock: str, asked: float, mine: list[Row]) -> tuple[str, str]:
    """What was gained over a peer, and whether that is enough.

    It counts at the peer's tolerance where our median error is no larger there. Otherwise a tighter tolerance
    of ours has to gain as much, the first that makes our error no larger.
    """
    me = next(me for me in mine if me.rtol == row.rtol)
    seconds = getattr(row, clock)
    nominal = ratio(seconds, me.cpu and me.cpu * same_members(me, row))
    if nominal is None:
        return "-", "-"
    error, theirs = median_error(me, row), median_error(row)
    if error is not None and theirs is not None and error <= theirs:
        return f"{nominal:.1f}", _yes(nominal >= asked)
    exact = ratio(seconds, as_exact(mine, row))
    if exact is None:
        return f"{nominal:.1f}, error larger", "NO"
    return f"{nominal:.1f}, error larger; {exact:.1f} at no larger error", _yes(exact >= asked)


def _singles(me: Row, rows: list[Row]) -> Iterator[Line]:
    for row in rows:
        same = (row.problem, row.rtol) == (me.problem, me.rtol)
        gain = ratio(row.single, me.single)
        if same and row.simulator == "libRoadRunner" and gain is not None:
            yield _at_least(f"one run against libRoadRunner, {me.problem}, {me.rtol:g}", 5.0, gain)


def _voxel(rows: list[dict[str, Any]]) -> Iterator[Line]:
    for row in rows:
        name, size = row["model"], row["species"]
        if size >= SIZE:  # what is asked at 150 species goes with their number
            asked = round(VOXEL_STEPS * SIZE / size, -1)
            yield _at_least(f"voxel steps/s/core, {name}", asked, row["ours"])
        gain = ratio(row.get("roadrunner"), 1.0)
        if gain is not None:
            asked = 50.0 if size >= SIZE else 30.0
            what = f"voxels against libRoadRunner, {name}"
            what += f" ({row['note']})" if row["note"] else ""
            yield _at_least(what, asked, row["ours"] / gain)


def _startup(found: dict[str, Any]) -> Iterator[Line]:
    cold, warm = found["models"]["cell"]
    for key, clock in (("kernel", "wall"), ("cpu", "processor")):
        yield _at_most(f"compilation of the cell model, {clock}", 10.0, cold[key], "s")
        yield _at_most(f"reload of its kernel, {clock}", 50.0, 1e3 * warm[key], "ms")
    for key, clock in (("study", "wall"), ("study_cpu", "processor")):
        if found[key] is not None:
            yield _at_most(f"glutarium run, small study, warm, {clock}", 5.0, found[key], "s")


def _at_least(what: str, asked: float, measured: float) -> Line:
    return what, f"{asked:g}", f"{measured:.4g}", _yes(measured >= asked)


def _at_most(what: str, asked: float, measured: float, unit: str) -> Line:
    return what, f"{asked:g} {unit}", f"{measured:.3g} {unit}", _yes(measured < asked)


def _yes(met: bool) -> str:  # noqa: FBT001 - a word for it
    return "yes" if met else "NO"
