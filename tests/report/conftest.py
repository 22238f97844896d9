from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import xarray as xr

from glutarium.report.maps.atlas import atlas

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

STUDY = """\
study: gls-block
title: A block of glutaminase
system: cell
duration: 24 h
setup:
  cells: [tumour]
  medium: {base: RPMI-1640, glutamine: 2.0}
arms:
  vehicle: {}
  low & slow: {drug: {CB-839: 0.1}}
  high: {drug: {CB-839: 10}}
"""
SINKS = (
    "protein",
    "RNA",
    "DNA",
    "lipid",
    "secreted glutamate",
    "secreted alanine",
    "secreted lactate",
    "ammonia",
    "CO2",
    "other",
)


def observables() -> dict[str, tuple[str, float, float]]:
    """Name → unit, value in the first arm, exponent of the effect."""
    found = {
        "tumour.growth_rate": ("1/h", 0.03, 0.8),
        "tumour.density": ("gDW/L", 0.02, 0.0),
        "tumour.viability": ("1", 1.0, 0.05),
        "tumour.uptake.glutamine": ("fmol/cell/h", 70.0, 0.6),
        "tumour.flux.GLS": ("mM/h", 30.0, 1.5),
        "tumour.ratio.NADPH_NADP": ("1", 20.0, 0.2),
        "tumour.ratio.GSH_GSSG": ("1", 100.0, 0.3),
    }
    pools = (
        "glutamine",
        "glutamate",
        "alpha-ketoglutarate",
        "aspartate",
        "asparagine",
        "citrate",
        "malate",
        "glutathione",
        "ATP",
        "GTP",
        "UTP",
        "CTP",
    )
    for index, pool in enumerate(pools):
        found[f"tumour.pool.{pool}"] = ("mM", 4.0 / (1 + index), 1.0 - 0.14 * index)
    found["tumour.pool.glutamine"] = ("mM", 4.0, -0.4)
    medium = ("glutamine", "glutamate", "ammonia", "glucose", "lactate", "alanine")
    for name in medium:
        found[f"medium.{name}"] = ("mM", 2.0, 0.5)
    for index, reaction in enumerate(atlas().network.reactions):
        if reaction != "XCT":
            size = 0.5 / (1 + index % 17)
            found[f"tumour.reaction.{reaction}"] = ("mmol/gDW/h", size, (index % 7 - 3) / 3)
    for substance in atlas().network.substances.values():
        suffix = {"c": "_cytosol", "m": "_mito"}.get(substance.compartment)
        if suffix and substance.id != "asn_c":
            found[f"tumour.pool.{substance.name}{suffix}"] = ("mM", 1.0, 0.3)
    return found


def synthetic(
    arms: Sequence[str] = ("vehicle", "low & slow", "high"),
    members: int = 4,
    times: int = 13,
    extra: int = 0,
) -> xr.Dataset:
    rng = np.random.default_rng(7)
    made = observables()
    for i in range(extra):
        made[f"tumour.expression.GENE{i}"] = ("1", 1.0, 0.1)
    time = np.linspace(0, 24, times)
    strength = np.linspace(0, 1, len(arms))
    rise = 1 - np.exp(-time / 4)
    spread = rng.normal(0, 0.06, (len(made), members))
    value = np.empty((len(arms), members, times, len(made)))
    for o, (_, size, power) in enumerate(made.values()):
        effect = -np.outer(strength, rise) * power * 1.5
        value[..., o] = size * np.exp(effect[:, None, :] + spread[o][None, :, None])
    names = list(made)
    growth = value[..., names.index("tumour.growth_rate")]
    value[..., names.index("tumour.density")] *= np.exp(np.cumsum(growth, axis=2) * time[1])
    codes = np.full((len(arms), members), "SUCCESS", dtype=object)
    details = np.full((len(arms), members), "", dtype=object)
    codes[-1, -1], details[-1, -1] = "NEGATIVE_POOL", "asn_c -3e-4 mM at 7.5 h"
    value[-1, -1, times // 2 :] = np.nan
    shares = rng.dirichlet(np.linspace(6, 1, len(SINKS)), (len(arms), members, 2))
    return xr.Dataset(
        {
            "value": (("arm", "member", "time", "observable"), value),
            "code": (("arm", "member"), codes),
            "detail": (("arm", "member"), details),
            "fate": (("arm", "member", "element", "sink"), shares),
        },
        coords={
            "arm": list(arms),
            "member": np.arange(members),
            "time": time,
            "observable": names,
            "unit": ("observable", [u for u, _, _ in made.values()]),
            "element": ["carbon", "nitrogen"],
            "sink": list(SINKS),
        },
        attrs={
            "format": "glutarium-result",
            "format_version": 1,
            "study": "gls-block",
            "title": "A block of glutaminase",
            "system": "cell",
            "duration_h": 24.0,
            "study_yaml": STUDY,
            "members": members,
            "ensemble": "default",
            "model_hash": "ab12cd",
            "version": "0.1.0",
            "sources": '["Muir2017", "Gross2014"]',
            "assumed_records": 12,
        },
    )


@pytest.fixture(scope="session")
def dataset() -> xr.Dataset:
    return synthetic()


@pytest.fixture(scope="session")
def make_dataset() -> Callable[..., xr.Dataset]:
    return synthetic
