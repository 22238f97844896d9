"""Measurements outside the package: what ``glutarium validate`` compares the model with.

Nothing of these files is shipped. Every reader turns one file into :class:`Measurement` values in the
model's units. ``(prior)`` behind a source says that a record of the model rests on the same data, so that
agreement there shows little.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.errors import KnowledgeError
from glutarium.study.data_table import DataTable
from glutarium.units import convert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from glutarium.kernel import Array

__all__ = [
    "EXPRESSION",
    "FILES",
    "GROWTH",
    "NCI60",
    "Curve",
    "Measurement",
    "read_curves",
    "read_measurements",
]

GROWTH = "tumour.growth_rate"
ASPARTATE = "tumour.pool.aspartate"

EXPRESSION = "02_exchange_fluxes/nci60_6lines_rnaseq_tpm.tsv.gz"
NCI60 = "02_exchange_fluxes/nci60_6lines_exchange_fluxes.tsv"
MCF10A = "02_exchange_fluxes/mcf10a_medium_timecourse_EV0.tsv"
FIBROBLAST_FLUXES = "02_exchange_fluxes/copeland2023_lf_fluxes.tsv"
FIBROBLAST_MASS = "02_exchange_fluxes/copeland2023_cell_mass.tsv"
FIBROBLAST_GROWTH = "02_exchange_fluxes/copeland2023_lf_growth_rates.tsv"
H1299_POOLS = "06_etc_aspartate/H1299_rotenone_metabolite_timecourse.tsv"
H1299_GROWTH = "06_etc_aspartate/H1299_rotenone_counts_proliferation.tsv"
GOT_NULL = "06_etc_aspartate/143B_GOTDKO_asp_titration_proliferation.tsv"

# Rows at noise level, by the note that comes with the data, and what is no exchange of a compound.
NOISE = ("pyruvate", "AKG", "folate", "Ptot")
SHORT = {
    "L-lactate": "lactate",
    "Glc": "glucose",
    "Lac": "lactate",
    "Ala": "alanine",
    "Arg": "arginine",
    "Asn": "asparagine",
    "Gln": "glutamine",
    "Glu": "glutamate",
    "Gly": "glycine",
    "Met": "methionine",
    "Phe": "phenylalanine",
    "Pro": "proline",
    "Ser": "serine",
    "Thr": "threonine",
    "Trp": "tryptophan",
    "Tyr": "tyrosine",
    "Val": "valine",
}
HYPOXIA, AIR = "0.5%", "21%"
# Compound → whether it is taken up, and whether its figures are asked for or only reported.
FIBROBLAST = {
    "glutamine": (True, True),
    "glutamate": (False, True),
    "glucose": (True, False),
    "lactate": (False, False),
}
FIBROBLAST_CELL = "fibroblast"
# The model runs for two days; the samples were taken a little before or after.
DAY, DAY_SLACK = 2.0, 0.2
REFERENCE_ASPARTATE = 20.0
TITRATED = (3.0, 5.0, 7.0, 10.0)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One figure with its replicates.

    Attributes
    ----------
    figure
        What it is.
    protocol, arm
        Study and arm of ``validate-protocols.yaml`` that stand for it.
    observable
        What is read there.
    values
        One per line, experiment or replicate, shape ``(n,)``; ratios where ``versus`` is set.
    unit
        Their unit.
    source
        Where they are from.
    versus
        Arm that the value is divided by; empty for an absolute figure.
    sign
        -1 where the observable counts uptake and the figure is a release.
    asked
        ``size``: the medians must lie within twofold; ``fold``: also on one side of 1; empty: the
        figure is only reported.
    """

    figure: str
    protocol: str
    arm: str
    observable: str
    values: tuple[float, ...]
    unit: str
    source: str
    versus: str = ""
    sign: int = 1
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """A figure over doses, whose half-maximum and shape are compared.

    Attributes
    ----------
    figure
        What it is.
    protocol, observable, source
        As in :class:`Measurement`.
    doses
        Doses, rising.
    arms
        Arm of the protocol for each.
    values
        Replicates for each, in any one unit.
    unit
        Unit of the doses.
    """

    figure: str
    protocol: str
    observable: str
    source: str
    doses: tuple[float, ...]
    arms: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    unit: str


def read_measurements(folder: Path) -> list[Measurement]:
    """Read all files.

    Parameters
    ----------
    folder
        Folder that holds the files of :data:`FILES`.

    Raises
    ------
    KnowledgeError
        If the folder or a file is not there, or a file does not hold what is expected.
    """
    if not folder.is_dir():
        message = (
            f"There is no folder {folder}; give --data the folder that holds {', '.join(FILES)}"
        )
        raise KnowledgeError(message)
    absent = [name for name in FILES if not (folder / name).is_file()]
    if absent:
        message = f"{folder} lacks {', '.join(absent)}; give --data the folder that holds them"
        raise KnowledgeError(message)
    found = [m for name, reader in _READERS.items() for m in reader(DataTable(folder / name))]
    mass = _cell_mass(DataTable(folder / FIBROBLAST_MASS))
    return [*found, *_fibroblast_levels(DataTable(folder / FIBROBLAST_FLUXES), mass)]


def read_curves(folder: Path) -> list[Curve]:
    """Read the curves over doses; :func:`read_measurements` says what is missing."""
    return [_got_null_curve(DataTable(folder / GOT_NULL))]


def _exchange(name: str) -> str:
    return f"tumour.exchange.{SHORT.get(name, name)}"


def _nci60(table: DataTable) -> Iterable[Measurement]:
    """Six lines; a negative number is uptake, ``biomass`` is growth."""
    lines = [c for c in table.columns if c not in {"Rxn ID", "metabolite"}]
    for name in table.texts("metabolite"):
        values = [v for line in lines for v in table.numbers(line, metabolite=name)]
        if name == "biomass":
            source = "Jain2012 (prior)"
            yield Measurement(
                "NCI-60 growth", "nci60", "culture", GROWTH, tuple(values), "1/h", source
            )
        elif name not in NOISE:
            yield _uptake_or_release("NCI-60", "nci60", name, [-v for v in values], "Jain2012")


def _uptake_or_release(
    system: str, protocol: str, name: str, uptake: Sequence[float], source: str
) -> Measurement:
    sign = 1 if np.median(uptake) >= 0.0 else -1
    return Measurement(
        f"{system} {SHORT.get(name, name)} {'uptake' if sign > 0 else 'release'}",
        protocol,
        "culture",
        _exchange(name),
        tuple(sign * v for v in uptake),
        "mmol/gDW/h",
        source,
        sign=sign,
    )


def _mcf10a(table: DataTable) -> Iterable[Measurement]:
    """Time courses in a growing culture: concentration against biomass has the slope rate over growth.

    The published regression of amount per dry mass on time is not used: it still holds dilution by
    growth. Compounds whose replicates differ in sign are noise and left out.
    """
    by = ("metabolite", "replicate")
    hours = table.grouped("timepoint", *by)
    per_mass, per_litre = table.grouped("mmol_gDW", *by), table.grouped("mmol_L", *by)
    growth: list[float] = []
    uptake: dict[str, list[float]] = defaultdict(list)
    for key, times in hours.items():
        mass = np.array(per_litre[key]) / np.array(per_mass[key])
        growth.append(_slope(np.array(times), np.log(mass)))
        uptake[key[0]].append(-_slope(mass, np.array(per_litre[key])) * growth[-1])
    source = "FluxProfilingREGP"
    whole = (float(np.median(growth)),)  # one curve of biomass stands behind all of them
    yield Measurement("MCF10A growth", "mcf10a", "culture", GROWTH, whole, "1/h", source)
    for name, found in uptake.items():
        if name in SHORT and len({np.sign(v) for v in found}) == 1:
            yield _uptake_or_release("MCF10A", "mcf10a", name, found, source)


def _slope(x: Array, y: Array) -> float:
    return float(np.polyfit(x, y, 1)[0])


def _fibroblast_fluxes(table: DataTable) -> Iterable[Measurement]:
    """Exchange in hypoxia over that in air, experiment by experiment."""
    for name, (_, asked) in FIBROBLAST.items():
        flux = {
            oxygen: table.grouped("flux", "date", metabolite=name, oxygen=oxygen)
            for oxygen in (HYPOXIA, AIR)
        }
        observable = f"{FIBROBLAST_CELL}.exchange.{name}"
        yield _hypoxia(f"{name} exchange", observable, flux[HYPOXIA], flux[AIR], asked=asked)


def _fibroblast_levels(table: DataTable, mass: float) -> Iterable[Measurement]:
    """Exchange per dry mass at both levels of oxygen; `mass` in pg per cell."""
    for oxygen in (AIR, HYPOXIA):
        for name, (taken_up, asked) in FIBROBLAST.items():
            sign = 1 if taken_up else -1
            found = table.grouped("flux", "date", metabolite=name, oxygen=oxygen)
            per_cell = [-sign * float(np.mean(v)) for v in found.values()]
            yield Measurement(
                f"fibroblast {name} {'uptake' if taken_up else 'release'}, oxygen {oxygen}",
                "fibroblast",
                oxygen,
                f"{FIBROBLAST_CELL}.exchange.{name}",
                tuple(convert(v / mass, "fmol/pg", "mmol/g") for v in per_cell),
                "mmol/gDW/h",
                "Copeland2023",
                sign=sign,
                asked="size" if asked else "",
            )


def _cell_mass(table: DataTable) -> float:
    """Dry mass of a fibroblast, pg: what a tube gains by the cells that are dried in it."""
    columns = [table.numbers(name, cell_type="lf") for name in ("pre", "post", "cell_number")]
    masses = [(post - pre) / cells for pre, post, cells in zip(*columns, strict=True)]
    return convert(float(np.median(masses)), "g", "pg")


def _fibroblast_growth(table: DataTable) -> Iterable[Measurement]:
    rate = {oxygen: table.grouped("mu", "date", oxygen=oxygen) for oxygen in (HYPOXIA, AIR)}
    observable = f"{FIBROBLAST_CELL}.growth_rate"
    yield _hypoxia("growth", observable, rate[HYPOXIA], rate[AIR], asked=True)
    for oxygen in (AIR, HYPOXIA):
        values = tuple(float(np.mean(v)) for v in rate[oxygen].values())
        yield Measurement(
            f"fibroblast growth, oxygen {oxygen}",
            "fibroblast",
            oxygen,
            observable,
            values,
            "1/h",
            "Copeland2023",
            asked="size",
        )


def _hypoxia(
    what: str,
    observable: str,
    low: Mapping[tuple[str, ...], list[float]],
    air: Mapping[tuple[str, ...], list[float]],
    *,
    asked: bool,
) -> Measurement:
    ratios = tuple(float(np.mean(low[date]) / np.mean(air[date])) for date in air if date in low)
    return Measurement(
        f"fibroblast {what}, oxygen 0.5 / 21 %",
        "fibroblast",
        HYPOXIA,
        observable,
        ratios,
        "1",
        "Copeland2023",
        versus=AIR,
        asked="fold" if asked else "",
    )


def _h1299_pools(table: DataTable) -> Iterable[Measurement]:
    pools = table.grouped("Aspartate conc", "Treatment", Elapsed_int=f"{DAY:g}")
    yield from _over_dose("aspartate", ASPARTATE, pools, table)


def _h1299_growth(table: DataTable) -> Iterable[Measurement]:
    found: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for (treatment, elapsed), values in table.grouped("Prlfr", "Treatment", "Elapsed").items():
        if abs(float(elapsed) - DAY) < DAY_SLACK:
            found[treatment,] += values
    yield from _over_dose("growth", GROWTH, found, table)


def _over_dose(
    what: str, observable: str, found: Mapping[tuple[str, ...], list[float]], table: DataTable
) -> Iterable[Measurement]:
    source = "Davidsen2023 (prior)"
    without = "0 nM"
    for dose in ("15 nM", "30 nM", "60 nM"):
        control = float(np.mean(table.of(found, without)))
        ratios = tuple(v / control for v in table.of(found, dose))
        figure = f"H1299 {what}, rotenone {dose} / 0"
        yield Measurement(
            figure, "h1299", dose, observable, ratios, "1", source, versus=without, asked="fold"
        )


def _got_null(table: DataTable) -> Iterable[Measurement]:
    growth = table.grouped("Prlfr", "Asp")
    most = float(np.mean(table.of(growth, f"{REFERENCE_ASPARTATE:g}")))
    for dose in TITRATED:
        values = tuple(v / most for v in table.of(growth, f"{dose:g}"))
        yield Measurement(
            f"143B without GOT1/2, growth, aspartate {dose:g} / {REFERENCE_ASPARTATE:g} mM",
            "143b",
            f"{dose:g} mM",
            GROWTH,
            values,
            "1",
            "Davidsen2023 (prior)",
            versus=f"{REFERENCE_ASPARTATE:g} mM",
            asked="fold" if np.median(values) > 0.0 else "",
        )


def _got_null_curve(table: DataTable) -> Curve:
    growth = table.grouped("Prlfr", "Asp")
    doses = (*TITRATED, REFERENCE_ASPARTATE)
    return Curve(
        "143B without GOT1/2, growth over aspartate",
        "143b",
        GROWTH,
        "Davidsen2023 (prior)",
        doses,
        tuple(f"{dose:g} mM" for dose in doses),
        tuple(tuple(table.of(growth, f"{dose:g}")) for dose in doses),
        "mM",
    )


_READERS: Mapping[str, Callable[[DataTable], Iterable[Measurement]]] = {
    NCI60: _nci60,
    MCF10A: _mcf10a,
    FIBROBLAST_FLUXES: _fibroblast_fluxes,
    FIBROBLAST_GROWTH: _fibroblast_growth,
    H1299_POOLS: _h1299_pools,
    H1299_GROWTH: _h1299_growth,
    GOT_NULL: _got_null,
}
FILES = (*_READERS, FIBROBLAST_MASS, EXPRESSION)
