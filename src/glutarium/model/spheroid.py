"""A ball of cells without vessels in a dish: its geometry, and what diffuses through it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.errors import ModelError
from glutarium.model.ranges import Range
from glutarium.units import convert

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.knowledge.evidence import Measurement
    from glutarium.model.calibrate.draw import Draw

__all__ = ["Spheroid", "load_spheroid"]

SOLUTE = "solute"
DEPTH, FLUID = "rim_depth", "interstitium"


@dataclass(frozen=True)
class Spheroid:
    """Balls of one size, each a rim around a core.

    Attributes
    ----------
    radius
        At the start, um.
    depth
        Of the rim, um; it stays.
    fluid
        Share of the volume that is between the cells.
    diffusion
        Species → um2/h, effective over the whole tissue.
    """

    radius: float
    depth: float
    fluid: float
    diffusion: Mapping[str, float]

    @property
    def core_share(self) -> float:
        """Share of the volume that is core at the start."""
        return (1.0 - self.depth / self.radius) ** 3

    def of(self, species: Sequence[str]) -> list[float]:
        """Diffusion of some species, um2/h."""
        return [self.diffusion.get(s, self.diffusion[SOLUTE]) for s in species]

    def ways(self, volume: float, core: float) -> tuple[float, float]:
        """What passes from the medium to the rim, and from rim to core, per volume of all balls at the start.

        Each zone is taken at the radius that halves its volume, and between two radii the flow of a sphere is
        steady.

        Parameters
        ----------
        volume, core
            Of a ball and of its core, over the ball at the start.

        Returns
        -------
        tuple of float
            1/um2: times the diffusion it is the exchanged volume per hour.
        """
        outer = self.radius * math.cbrt(volume)
        rim = self.radius * math.cbrt((volume + core) / 2.0)
        inner = self.radius * math.cbrt(core / 2.0)
        unit = 3.0 / self.radius**3
        return unit / (1.0 / rim - 1.0 / outer), unit / (1.0 / inner - 1.0 / rim)


def load_spheroid(base: KnowledgeBase, draw: Draw, diameter: float) -> Spheroid:
    """Balls of a diameter (um) with one member's numbers.

    Raises
    ------
    ModelError
        The balls have no core.
    """
    constants = {row.id: _drawn(row, "spheroid", draw) for row in base.spheroid}
    deepest = constants[DEPTH]
    if diameter <= 2.0 * deepest:
        message = (
            f"A spheroid of {diameter:g} um has no core: its rim is {deepest:.3g} um deep; say more than "
            f"{2.0 * deepest:.3g} um, or leave the key out for a dish that the medium reaches all alike"
        )
        raise ModelError(message)
    per_hour = convert(1.0, "um2/s", "um2/h")
    diffusion = {r.species: per_hour * _drawn(r, "diffusion", draw) for r in base.diffusions}
    return Spheroid(diameter / 2.0, deepest, constants[FLUID], diffusion)


def _drawn(record: Measurement, table: str, draw: Draw) -> float:
    low = record.value if record.low is None else record.low
    high = record.value if record.high is None else record.high
    return draw.number(f"niche.{table}.{record.label}", Range(record.value, low, high))
