"""The packaged model, calibrated once, and a kit for networks that fit on one screen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from glutarium.knowledge.base import KnowledgeBase, load
from glutarium.knowledge.equations import parse_equation, parse_formula
from glutarium.knowledge.records import RECORDS
from glutarium.knowledge.tables import columns
from glutarium.model.assemble import assemble
from glutarium.model.calibrate.draw import Draw
from glutarium.model.expr import evaluate
from glutarium.model.member import Calibration, calibrate, with_member
from glutarium.model.network import Effect, Network, Reaction, Substance, load_network
from glutarium.model.ranges import Range

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from glutarium.model.spec import ModelSpec


@pytest.fixture(scope="session")
def base() -> KnowledgeBase:
    return load()


@pytest.fixture(scope="session")
def network(base: KnowledgeBase) -> Network:
    return load_network(base)


@pytest.fixture(scope="session")
def spec(base: KnowledgeBase, network: Network) -> ModelSpec:
    return assemble(base, network)


@pytest.fixture(scope="session")
def medium(base: KnowledgeBase, network: Network) -> dict[str, float]:
    """The reference medium; what it does not name stands at its pool's value, or low."""
    recorded = {r.species: r.value for r in base.media if r.medium == "reference"}
    others = {s: network.pools[s].value for s in network.in_compartment("e") if s in network.pools}
    return dict.fromkeys(network.in_compartment("e"), 1e-3) | others | recorded


@pytest.fixture(scope="session")
def calibration(spec: ModelSpec, network: Network, medium: dict[str, float]) -> Calibration:
    return calibrate(spec, network, medium, Draw(None))


@pytest.fixture(scope="session")
def cell(spec: ModelSpec, calibration: Calibration) -> ModelSpec:
    """The packaged model with the nominal member's numbers."""
    assert calibration.member is not None, calibration.reason
    return with_member(spec, calibration.member)


def rates_of_change(spec: ModelSpec, values: Mapping[str, float]) -> dict[str, float]:
    """dy/dt by the definition of a specification, from the values of all symbols."""
    produced = dict.fromkeys(spec.state_ids, 0.0)
    for flux in spec.fluxes:
        extent = evaluate(flux.extent, values)
        for state, n in flux.stoichiometry.items():
            produced[state] += n * extent
    return {
        s.id: evaluate(s.scale, values) * produced[s.id] + evaluate(s.direct, values)
        for s in spec.states
    }


@dataclass
class Kit:
    """Builds small networks; formulas are free unless a test is about them."""

    formulas: dict[str, str] = field(default_factory=dict)
    charges: dict[str, float] = field(default_factory=dict)
    buffered: tuple[str, ...] = ("h2o", "h")

    def substance(self, species: str) -> Substance:
        metabolite, _, compartment = species.rpartition("_")
        return Substance(
            id=species,
            name=metabolite,
            compartment=compartment,
            formula=parse_formula(self.formulas.get(metabolite, "")),
            charge=self.charges.get(metabolite, 0.0),
            buffered=metabolite in self.buffered,
        )

    @staticmethod
    def effect(effector: str, kind: str, k: float, n: float = 1.0, floor: float = 0.0) -> Effect:
        return Effect(effector, kind, Range(k, k, k), n, floor)

    def reaction(
        self,
        equation: str,
        constants: Mapping[str, float] | None = None,
        *,
        name: str = "R",
        law: str = "modular",
        genes: str = "",
        effects: Sequence[Effect] = (),
    ) -> Reaction:
        """Build a reaction; charge into the matrix follows from the species' charges."""
        parsed = parse_equation(equation)
        moved = sum(
            n * self.substance(s).charge
            for s, n in parsed.stoichiometry.items()
            if s.endswith("_m")
        )
        return Reaction(
            id=name,
            name=name,
            law=law,
            reversible=parsed.reversible,
            stoichiometry=parsed.stoichiometry,
            genes=genes,
            subsystem="test",
            constants={k: Range(v, v, v) for k, v in (constants or {}).items()},
            effects=tuple(effects),
            charge_into_matrix=moved,
        )

    def network(
        self,
        *reactions: Reaction,
        pools: Mapping[str, Range] | None = None,
        fluxes: Mapping[str, Range] | None = None,
        constants: Mapping[str, float] | None = None,
    ) -> Network:
        species = dict.fromkeys(s for r in reactions for s in r.stoichiometry)
        return Network(
            substances={s: self.substance(s) for s in species},
            reactions={r.id: r for r in reactions},
            pools=pools or {},
            fluxes=fluxes or {},
            constants={k: Range(v, v, v) for k, v in (constants or {}).items()},
        )


TINY_TABLES: dict[str, list[dict[str, str]]] = {
    "metabolites": [
        {"id": "a", "name": "alpha", "formula": "C2H4O2", "charge": "-1", "kind": "metabolite"},
        {"id": "b", "name": "beta", "formula": "C2H4O2", "charge": "-1", "kind": "metabolite"},
        {"id": "h", "name": "proton", "formula": "H", "charge": "1", "kind": "buffered"},
        {"id": "prot", "name": "protein", "formula": "C2H4O2", "kind": "macromolecule",
         "charge": "-1"},
        {"id": "o2", "name": "oxygen", "formula": "O2", "charge": "0", "kind": "metabolite"},
    ],
    "reactions": [
        {"id": "UP", "equation": "a_e <-> a_c", "genes": "G1", "law": "modular"},
        {"id": "IN", "equation": "a_c + h_c <-> b_m + h_m", "genes": "G2&G3", "law": "modular"},
        {"id": "OUT", "equation": "b_m -> b_e", "genes": "G4:0.25|G5:0.75", "law": "modular"},
        {"id": "MAKE", "equation": "a_c -> prot_b", "law": "synthesis"},
        {"id": "AIR", "equation": "o2_g <-> o2_e", "law": "gas"},
    ],
    "kinetics": [
        {"reaction": "UP", "parameter": "km:a_e", "value": "0.5", "low": "0.25", "high": "1"},
        {"reaction": "UP", "parameter": "km:a_c", "value": "2"},
        {"reaction": "UP", "parameter": "keq", "value": "3", "low": "1", "high": "9"},
        {"reaction": "UP", "parameter": "rho", "value": "0.3", "low": "0.1", "high": "0.6"},
        {"reaction": "IN", "parameter": "km:a_c", "value": "1"},
        {"reaction": "IN", "parameter": "km:b_m", "value": "4"},
        {"reaction": "IN", "parameter": "keq", "value": "2", "low": "1", "high": "4"},
        {"reaction": "IN", "parameter": "rho", "value": "0.5", "low": "0.2", "high": "0.8"},
        {"reaction": "OUT", "parameter": "km:b_m", "value": "1"},
        {"reaction": "MAKE", "parameter": "km:a_c", "value": "0.2"},
        {"reaction": "AIR", "parameter": "transfer", "value": "5"},
    ],
    "modifiers": [
        {"reaction": "OUT", "effector": "a_c/b_m", "kind": "activate", "k": "1", "n": "2",
         "floor": "0.1", "k_low": "0.5", "k_high": "2"},
    ],
    "pools": [
        {"species": "a_c", "value": "1", "low": "0.1", "high": "10"},
        {"species": "b_m", "value": "1", "low": "0.1", "high": "10"},
        {"species": "prot_b", "value": "5"},
        {"species": "o2_e", "value": "0.2"},
        {"species": "o2_g", "value": "0"},
    ],
    "fluxes": [
        {"reaction": r, "value": v, "low": str(float(v) / 4), "high": str(float(v) * 4)}
        for r, v in (("UP", "0.5"), ("IN", "0.3"), ("OUT", "0.3"), ("MAKE", "0.15"))
    ],
    "constants": [
        {"id": "volume.c", "value": "4", "unit": "mL/gDW"},
        {"id": "volume.m", "value": "0.4", "unit": "mL/gDW"},
        {"id": "dish.density", "value": "0.02", "unit": "gDW/L"},
        {"id": "growth.reference", "value": "0.03", "unit": "1/h"},
        {"id": "potential.reference", "value": "5", "unit": "RT/F"},
        {"id": "potential.capacity", "value": "0.01", "unit": "mmol/gDW"},
        {"id": "subunits.curvature", "value": "0.01"},
        {"id": "protein.turnover", "value": "0.03", "unit": "1/h"},
        {"id": "regulation.mrna_half_life", "value": "6", "unit": "h"},
        {"id": "regulation.protein_half_life", "value": "20", "unit": "h"},
        {"id": "regulation.response_time", "value": "0.2", "unit": "h"},
        *({"id": f"element.{e}", "value": v, "unit": "g/mol"}
          for e, v in (("C", "12"), ("H", "1"), ("O", "16"))),
    ],
    "drug_targets": [],
    "genes": [],
    "nodes": [],
    "sensors": [],
    "edges": [],
}  # fmt: skip
_DEFAULTS = {
    "unit": "1", "basis": "assumed", "source": "Test2026", "subsystem": "test", "name": "something",
    "charge": "0",
}  # fmt: skip


class Tables:
    """Writes knowledge tables; what a row does not say is filled with something allowed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for table, rows in TINY_TABLES.items():
            self.write(table, rows)

    def write(self, table: str, rows: Sequence[Mapping[str, str]]) -> None:
        """Replace a table."""
        names = list(columns(next(r for r in RECORDS if table == r.TABLE)))
        lines = ["\t".join(names)]
        lines += ["\t".join({**_DEFAULTS, **row}.get(n, "") for n in names) for row in rows]
        (self.folder / f"{table}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    @property
    def reactions(self) -> list[dict[str, str]]:
        """Rows that the table of reactions has at the start."""
        return TINY_TABLES["reactions"]

    def add(self, table: str, *rows: Mapping[str, str]) -> None:
        """Write a table with more rows than it had at the start."""
        self.write(table, [*TINY_TABLES[table], *rows])

    def base(self) -> KnowledgeBase:
        return KnowledgeBase(self.folder)


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(tmp_path)


@pytest.fixture(scope="session")
def kit() -> Kit:
    """Return a kit of neutral species without formulas; ``dataclasses.replace`` makes others."""
    return Kit()


@pytest.fixture(scope="session")
def slopes() -> Callable[[ModelSpec, Mapping[str, float]], dict[str, float]]:
    """Return :func:`rates_of_change`."""
    return rates_of_change
