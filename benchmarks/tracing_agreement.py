"""How far labels are from those of 13CFLUX on published networks, at steady state and over time.

    python benchmarks/tracing_agreement.py --peer PYTHON [--record FILE]

``PYTHON`` is an interpreter that has ``x3cflux``; without it the recorded values are compared. ``--record``
writes what the peer answered. Exits with 1 where they differ by more than 1e-6, over time by more than 1e-4.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.tracing_fluxml import fluxml
from benchmarks.tracing_networks import NETWORKS, sides, steps
from glutarium.model.emu import Emu, decompose, flux_index
from glutarium.simulate.label_solver import LabelSolver, Piece

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.tracing_networks import TracingNetwork
    from glutarium.kernel import Array

__all__ = ["RECORD", "difference", "ours"]

PEER = Path(__file__).parent / "peers" / "x3cflux_labels.py"
RECORD = Path(__file__).parent / "tracing_agreement.json"
STEADY, UNSTEADY = 1e-6, 1e-4
# The peer starts unlabelled pools with this share of heavy carbon, which its answers at time zero show.
PEER_BACKGROUND = 0.01109
# Far below what is asked of the peer.
TOLERANCE = 1e-9


def ours(network: TracingNetwork) -> dict[str, Array]:
    """Pool → distributions, shape ``(n_times, size + 1)``; one row at steady state."""
    sizes = {p: len(x) for e in network.reactions.values() for s in sides(e) for p, x in s}
    wanted = {pool: Emu(pool, tuple(range(sizes[pool]))) for pool in network.measured}
    index = flux_index(list(network.reactions))
    solver = LabelSolver(decompose(steps(network), wanted.values(), index))
    flux = np.zeros(len(index))
    for reaction, value in network.flux.items():
        flux[index[reaction, True]] = value
    state = solver.start(lambda emu: _given(emu, network))
    if not network.hours:
        settled = solver.stationary(state, Piece(1.0, np.ones(len(solver.emus)), flux))
        return {pool: solver.read(settled, emu)[None, :] for pool, emu in wanted.items()}
    amounts = np.array([network.pools.get(emu.pool, 1.0) for emu in solver.emus])
    rows: dict[str, list[Array]] = {pool: [] for pool in wanted}
    at = 0.0
    for hours in network.hours:
        piece = Piece(hours - at, amounts, flux)
        state, at = solver.advance(state, piece, tolerance=TOLERANCE), hours
        for pool, emu in wanted.items():
            rows[pool].append(solver.read(state, emu))
    return {pool: np.array(found) for pool, found in rows.items()}


def difference(network: TracingNetwork, answer: Mapping[str, Any]) -> float:
    """Largest difference from the peer's answer."""
    mine = ours(network)
    worst = 0.0
    rows = max(len(network.hours), 1)
    place = {name: n * rows for n, name in enumerate(answer["names"])}
    for pool, own in mine.items():
        start = place[f"m_{pool}"]
        theirs = np.array(answer["values"][start : start + rows])
        worst = max(worst, float(np.abs(own - theirs).max()))
    return worst


def _given(emu: Emu, network: TracingNetwork) -> Array:
    """Distribution of a pool of the medium; others begin as the peer has them."""
    found = np.zeros(len(emu.atoms) + 1)
    feed = network.feed.get(emu.pool)
    if feed is None:
        chance = PEER_BACKGROUND if network.hours else 0.0
        found = np.ones(1)
        for _ in emu.atoms:
            found = np.convolve(found, [1.0 - chance, chance])
        return found
    for pattern, share in feed.items():
        found[sum(int(pattern[a]) for a in emu.atoms)] += share
    return found


def _asked(network: TracingNetwork, peer: str) -> dict[str, Any]:
    """What the peer answers."""
    with tempfile.TemporaryDirectory() as folder:
        model, values = Path(folder) / "network.fml", Path(folder) / "values.json"
        model.write_text(fluxml(network), encoding="utf-8")
        values.write_text(json.dumps({**network.flux, **network.pools}), encoding="utf-8")
        command = [peer, "-W", "ignore", str(PEER), str(model), str(values)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True, env={})
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


def main() -> int:
    """Compare, and say how far off."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--peer", help="interpreter that has x3cflux")
    parser.add_argument("--record", type=Path, help="file for the answers of the peer")
    asked = parser.parse_args()
    known = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    answers = {n: _asked(v, asked.peer) for n, v in NETWORKS.items()} if asked.peer else known
    if asked.record:
        asked.record.write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")
    failed = 0
    for name, network in NETWORKS.items():
        allowed = UNSTEADY if network.hours else STEADY
        off = difference(network, answers[name])
        failed += off > allowed
        version = f"x3cflux {answers[name]['version']}"
        print(f"{name:8} {network.source}: {off:.1e} from {version}, allowed {allowed:g}")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
