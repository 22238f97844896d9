"""Labels of a network by 13CFLUX (``x3cflux``); run it with an interpreter that has the package.

``python benchmarks/peers/x3cflux_labels.py network.fml values.json`` prints the measurements as JSON; the
values are fluxes and pools by name.
"""

from __future__ import annotations

import json
import sys
from typing import Any

__all__ = ["simulate"]

# Relative and absolute error of its solver of initial values.
TOLERANCE = 1e-10


def simulate(path: str, values: dict[str, float]) -> dict[str, Any]:
    """Names and values of all measurements of a FluxML file."""
    import x3cflux  # noqa: PLC0415  (a peer: not part of this project's environment)

    simulator = x3cflux.create_simulator_from_fml(path)
    builder = simulator.builder
    if hasattr(getattr(builder, "solver", None), "relative_tolerance"):
        builder.solver.relative_tolerance = TOLERANCE
        builder.solver.absolute_tolerance = TOLERANCE
    free = simulator.parameter_space.free_parameter_names
    chosen = [values[name.removesuffix(".n").removesuffix(".p")] for name in free]
    labels, _ = simulator.compute_measurements(chosen)
    names = simulator.measurement_names
    return {
        "version": x3cflux.__version__,
        "names": [str(n) for n in (names[0] if isinstance(names, tuple) else names)],
        "times": [list(map(float, t)) for t in simulator.measurement_time_stamps],
        "values": [list(map(float, v)) for v in labels],
    }


if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as stream:  # noqa: PTH123  (as short as can be)
        print(json.dumps(simulate(sys.argv[1], json.load(stream))))
