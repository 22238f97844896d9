"""Which observables the report shows, in which order and under which title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.knowledge.base import load
from glutarium.report.readings import PLACES, split_name
from glutarium.report.words import greek

if TYPE_CHECKING:
    from glutarium.report.readings import Readings

__all__ = ["growth", "headline", "key_pools", "places", "reaction_name", "title"]

_POOLS = (
    "pool.glutamine",
    "pool.glutamate",
    "pool.alpha-ketoglutarate",
    "pool.aspartate",
    "pool.asparagine",
    "pool.citrate",
    "pool.malate",
    "pool.glutathione",
    "pool.ATP",
    "ratio.NADPH_NADP",
    "ratio.GSH_GSSG",
    "ratio.ATP_ADP",
    "pool.GTP",
    "pool.UTP",
    "pool.CTP",
    "pool.IMP",
)
_GROWTH = ("density", "growth_rate", "viability")
_HEADLINE = ("growth_rate", "uptake.glutamine", *_POOLS[:9], "ratio.NADPH_NADP", "pool.UTP")
_MEDIUM = (
    "glutamine",
    "glutamate",
    "ammonia",
    "glucose",
    "lactate",
    "pyruvate",
    "alanine",
    "aspartate",
    "asparagine",
    "proline",
    "serine",
    "cystine",
)
_MOST_PLACES = 16
_TITLES = {
    "density": "biomass",
    "growth_rate": "growth rate",
    "viability": "living share",
    "ratio.NADPH_NADP": "NADPH / NADP⁺",
    "ratio.GSH_GSSG": "GSH / GSSG",
    "ratio.ATP_ADP": "ATP / ADP",
    "uptake.glutamine": "glutamine uptake",
}


def growth(readings: Readings, cell: str) -> list[str]:
    """Biomass, growth rate and living share of a cell, those that the result has."""
    return _present(readings, [f"{cell}.{name}" for name in _GROWTH])


def key_pools(readings: Readings, cell: str) -> list[str]:
    """Pools and ratios around glutamine of a cell, those that the result has."""
    return _present(readings, [f"{cell}.{name}" for name in _POOLS])


def headline(readings: Readings, cell: str) -> list[str]:
    """Growth, glutamine uptake and the pools that the page opens with."""
    return _present(readings, [f"{cell}.{name}" for name in _HEADLINE])


def places(readings: Readings) -> list[str]:
    """Concentrations outside cells: medium first, then whatever tissue and body were read."""
    medium = _present(readings, [f"medium.{name}" for name in _MEDIUM])
    other = [n for n in readings.units if n.split(".")[0] in ("tissue", "body")]
    return (medium + other)[:_MOST_PLACES]


def reaction_name(reaction: str) -> str:
    """Full name of a reaction, ``glutaminase`` for ``GLS``; empty where knowledge has none."""
    record = load().reactions.get(reaction)
    return record.name if record else ""


def title(observable: str) -> str:
    """Name of an observable without its cell: ``α-ketoglutarate``, ``NADPH / NADP⁺``."""
    first, family, rest = split_name(observable)
    inner = f"{family}.{rest}" if rest else family
    if first in PLACES:
        return greek(inner.replace(".", " "))
    if inner in _TITLES:
        return _TITLES[inner]
    if family == "pool":
        return greek(rest)
    if family in ("flux", "reaction"):
        return f"{rest} flux"
    return greek(f"{rest} {family}".replace("_", " ").strip())


def _present(readings: Readings, names: list[str]) -> list[str]:
    return [name for name in names if name in readings.units]
