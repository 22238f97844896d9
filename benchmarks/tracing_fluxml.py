"""A tracing network as FluxML, the format of 13CFLUX."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from benchmarks.tracing_networks import sides

if TYPE_CHECKING:
    from benchmarks.tracing_networks import TracingNetwork

__all__ = ["fluxml"]

# Measured values and errors have to be there, but do not matter for a simulation.
ANY = "0.1"


def fluxml(network: TracingNetwork) -> str:
    """The network with its measurements; every gross flux is a reaction of its own."""
    root = ET.Element("fluxml", xmlns="http://www.13cflux.net/fluxml")
    ET.SubElement(ET.SubElement(root, "info"), "version").text = "1.0"
    _reactions(root, network)
    unsteady = bool(network.hours)
    attributes = {"name": "default", "stationary": str(not unsteady).lower()}
    if unsteady:
        attributes["time"] = f"{max(network.hours):g}"
    configuration = ET.SubElement(root, "configuration", attributes)
    for pool, patterns in network.feed.items():
        fed = ET.SubElement(configuration, "input", pool=pool, type="isotopomer")
        for pattern, share in patterns.items():
            ET.SubElement(fed, "label", cfg=pattern).text = repr(share)
    _measurement(configuration, network)
    return '<?xml version="1.0" encoding="utf-8"?>' + ET.tostring(root, encoding="unicode")


def _reactions(root: ET.Element, network: TracingNetwork) -> None:
    model = ET.SubElement(root, "reactionnetwork")
    pools = ET.SubElement(model, "metabolitepools")
    sizes = {
        pool: len(letters)
        for equation in network.reactions.values()
        for side in sides(equation)
        for pool, letters in side
    }
    for pool, atoms in sizes.items():
        ET.SubElement(pools, "pool", id=pool, atoms=str(atoms))
    for name, equation in network.reactions.items():
        reaction = ET.SubElement(model, "reaction", id=name, bidirectional="false")
        left, right = sides(equation)
        for tag, side in (("reduct", left), ("rproduct", right)):
            for pool, letters in side:
                ET.SubElement(reaction, tag, id=pool, cfg=letters)


def _measurement(configuration: ET.Element, network: TracingNetwork) -> None:
    measurement = ET.SubElement(configuration, "measurement")
    model = ET.SubElement(measurement, "model")
    groups = ET.SubElement(model, "labelingmeasurement")
    data = ET.SubElement(measurement, "data")
    sizes = {p: len(x) for e in network.reactions.values() for s in sides(e) for p, x in s}
    times = ",".join(f"{t:g}" for t in network.hours)
    for pool in network.measured:
        attributes = {"id": f"m_{pool}", "scale": "one"} | ({"times": times} if times else {})
        group = ET.SubElement(groups, "group", attributes)
        counts = ",".join(str(n) for n in range(sizes[pool] + 1))
        ET.SubElement(group, "textual").text = f"{pool}#M{counts}"
        for n in range(sizes[pool] + 1):
            for t in network.hours or (None,):
                when = {} if t is None else {"time": f"{t:g}"}
                datum = {"id": f"m_{pool}", "stddev": ANY, "weight": str(n)} | when
                ET.SubElement(data, "datum", datum).text = ANY
