"""How far the SBML export in libRoadRunner is from our own integrator: one line per pool.

    python benchmarks/sbml_agreement.py [--hours 72]

The relative difference is taken against the pool, or against a thousandth of its reference where there
is less than that. Exits with 1 where a pool differs by more than 1e-4.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from typing import TYPE_CHECKING

import libsbml
import numpy as np
import roadrunner

from glutarium.compile.pipeline import compile_spec
from glutarium.knowledge.base import load
from glutarium.model.assemble import assemble
from glutarium.model.calibrate.draw import Draw
from glutarium.model.member import calibrate, with_member
from glutarium.model.network import load_network
from glutarium.model.sbml import to_sbml
from glutarium.solve import Options, integrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glutarium.kernel import Array
    from glutarium.model.spec import ModelSpec

RTOL = 1e-8
ALLOWED = 1e-4


def nominal_cell() -> ModelSpec:
    """The packaged model with the recorded numbers, in its reference medium."""
    base = load()
    network = load_network(base)
    spec = assemble(base, network)
    medium = {s: network.pools[s].value for s in network.in_compartment("e") if s in network.pools}
    medium |= {r.species: r.value for r in base.media if r.medium == "reference"}
    found = calibrate(spec, network, medium, Draw(None))
    if found.member is None:
        sys.exit(f"The nominal member cannot be calibrated: {found.reason}")
    return with_member(spec, found.member)


def ours(spec: ModelSpec, times: Array) -> Array:
    """States by our own integrator, shape ``(n_times, n_states)``."""
    run = integrate(
        compile_spec(spec),
        np.array([s.initial for s in spec.states]),
        np.array([p.value for p in spec.parameters]),
        times,
        options=Options(rtol=RTOL),
        atol=1e-4 * np.array([s.atol for s in spec.states]),
        positive=np.array([s.positive for s in spec.states]),
    )
    if len(run.t) < len(times):
        sys.exit(f"Our own run ended early: {run.code.value}; {run.detail}")
    return run.y


def theirs(spec: ModelSpec, times: Array) -> Array:
    """States by libRoadRunner from the export, shape ``(n_times, n_states)``."""
    text = to_sbml(spec)
    ids = dict(_state_ids(text))
    config = roadrunner.Config  # optimising the code takes longer than one run of it
    config.setValue(config.LLVM_BACKEND, config.LLJIT)
    config.setValue(config.LLJIT_OPTIMIZATION_LEVEL, config.NONE)
    runner = roadrunner.RoadRunner(text)
    runner.integrator.relative_tolerance = RTOL
    runner.integrator.absolute_tolerance = 1e-13
    runner.integrator.maximum_num_steps = 200_000
    selections = ["time", *(ids[s] for s in spec.state_ids)]
    return np.asarray(runner.simulate(times=times.tolist(), selections=selections))[:, 1:]


def _state_ids(text: str) -> Iterator[tuple[str, str]]:
    """State id → SBML id: species, and parameters with a rate rule."""
    document = libsbml.readSBMLFromString(text)
    model = document.getModel()
    for species in model.getListOfSpecies():
        yield species.getName(), species.getId()
    for rule in model.getListOfRules():
        if rule.isRate():
            yield model.getParameter(rule.getVariable()).getName(), rule.getVariable()


def differences(spec: ModelSpec, first: Array, second: Array) -> Array:
    """Largest relative difference of every state, shape ``(n_states,)``."""
    reference = np.array([s.initial for s in spec.states])
    scale = np.maximum(np.abs(first), 1e-3 * np.maximum(reference, np.abs(first).max(axis=0)))
    return np.asarray((np.abs(first - second) / np.maximum(scale, 1e-15)).max(axis=0))


def main() -> int:
    parser = argparse.ArgumentParser(description=re.split(r"\n\n", __doc__ or "")[0])
    parser.add_argument("--hours", type=float, default=72.0, help="length of the run (default: 72)")
    times = np.linspace(0.0, parser.parse_args().hours, 25)
    spec = nominal_cell()
    results = []
    for name, run in (("Glutarium", ours), ("libRoadRunner", theirs)):
        start = time.perf_counter()
        results.append(run(spec, times))
        print(f"{name}: {time.perf_counter() - start:.1f} s with compilation")
    apart = differences(spec, *results)
    print(f"\n{'pool':<28}{'start':>12}{'end':>12}{'difference':>12}")
    for i in np.argsort(-apart, kind="stable"):
        start_value, end_value = results[0][0, i], results[0][-1, i]
        print(f"{spec.state_ids[i]:<28}{start_value:>12.4g}{end_value:>12.4g}{apart[i]:>12.1e}")
    print(f"\nlargest difference {apart.max():.1e}; {ALLOWED:g} is allowed")
    return int(apart.max() > ALLOWED)


if __name__ == "__main__":
    sys.exit(main())
