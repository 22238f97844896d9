"""From a study's conditions to plans of the cell model; what it lacks is named, never guessed.

Every function either returns parameters and concentrations or adds to a list of :class:`Missing`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from glutarium.errors import ModelError
from glutarium.model.alternatives import alternatives
from glutarium.model.drugs import load_targets
from glutarium.model.profiles import GROWTH_SIGNAL
from glutarium.simulate.labels import labels_of
from glutarium.simulate.model import medium_of
from glutarium.simulate.plan import ArmPlan, Phase, RestPlan, SetPoint
from glutarium.simulate.readout import Missing
from glutarium.study.cells import CellReader, dish_name
from glutarium.study.conditions import Conditions, Dose, Medium, merge
from glutarium.study.dissolved import filled_inputs, signal_of
from glutarium.study.places import PlaceReader
from glutarium.study.study import DEFAULT_MEDIUM, DEFAULT_OXYGEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from glutarium.simulate.model import CellModel
    from glutarium.study.conditions import TimedChange
    from glutarium.study.study import Study, System

__all__ = ["Translator", "starved_name", "without_glutamine"]

SAMPLES = 48
GLUTAMINE = "gln_e"
GROWTH_FACTORS = "growth_factors"
# Keys that no system of the model knows yet, and those that a cell alone has no use for.
UNKNOWN_KEYS = ("tumour_mass_kg",)
SHARED_KEYS = ("clones", "spheroid")
SYSTEMS = ("cell", "coculture", "tissue")
PLASMA = "plasma"
# How labels are read does not change during a run.
READ_ONCE = ("natural_abundance", "tracer_purity")
# Who is there, and how, is so from time zero.
OF_THE_START = ("cells", "add_cells", "clones", "spheroid")


@dataclass
class Translator:
    """Translates the studies of one model.

    Attributes
    ----------
    model
        The compiled model.
    missing
        What the study at hand asks for and the model lacks; emptied by every translation.
    """

    model: CellModel
    missing: list[Missing] = field(default_factory=list)
    _study: Study | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        network = self.model.network
        self._cells = CellReader(self.model, self.lack)
        self._places = PlaceReader(self)
        self._system: System = "cell"
        self._drugs = {t.drug for t in load_targets(self.model.base, network)}
        self._ids = {m.name: m.id for m in self.model.base.metabolites}

    def plans(self, study: Study) -> tuple[dict[str, ArmPlan], list[Missing]]:
        """Plans of all arms, and everything that is missing (then the plans must not be run).

        Every cell of an arm has a dish of its own. The first one's plan is called like the arm, that
        of a further one as :func:`~glutarium.study.cells.dish_name` says.
        """
        self.missing = []
        self._study = study
        if study.system not in SYSTEMS:
            self.lack(f"system {study.system}", f"only {', '.join(SYSTEMS)} are modelled yet")
            return {}, self.missing
        if study.system != "cell" and self.model.solver != "lanes":
            self.lack(f"system {study.system}", "only the batched solver knows shared media")
            return {}, self.missing
        self._system = study.system
        plans = [plan for arm in study.arms for plan in self._dishes(arm, study)]
        return {plan.name: plan for plan in plans}, list(dict.fromkeys(self.missing))

    def _dishes(self, arm: str, study: Study) -> list[ArmPlan]:
        """One plan per cell of an arm."""
        conditions = study.merged(arm)
        cells = conditions.cell_names
        self._refuse_unknown(conditions, cells)
        plans = [self._arm(arm, study, conditions, cell) for cell in cells]
        if study.system != "cell":
            plans = self._places.settled(plans, study, conditions)
        return [plans[0], *(replace(p, name=dish_name(arm, p.cell)) for p in plans[1:])]

    def lack(self, name: str, why: str) -> None:
        """Note what the model lacks."""
        self.missing.append(Missing(name, why))

    def rest_of(self, setup: Conditions, cell: str) -> RestPlan:
        """Rest follows from the setup's genes, in fresh base medium at ambient oxygen."""
        oxygen = self._oxygen(DEFAULT_OXYGEN)
        parameters = oxygen | self._unstimulated(setup, cell)
        medium = self._base(setup.medium) | {"o2_e": oxygen["gas.o2"]}
        plain, genes = self._cells.plain(setup, cell)
        profile = SetPoint(oxygen | plain, medium, genes) if genes else None
        return RestPlan(parameters, medium, profile)

    def _arm(self, name: str, study: Study, conditions: Conditions, cell: str) -> ArmPlan:
        times = set(np.linspace(0.0, study.duration_h, SAMPLES + 1).tolist())
        times |= {r.at_h for r in study.readouts if r.at_h is not None}
        times |= {e.at_h for e in study.expectations if e.at_h is not None}
        abundance, purity = bool(conditions.natural_abundance), conditions.tracer_purity
        before = conditions.pre_treatment
        if before is not None and before.conditions.tracer:
            self.lack(before.conditions.tracer, "cells carry no label at time zero yet")
        return ArmPlan(
            name,
            self.rest_of(study.setup, cell),
            self.phases_of(conditions, cell),
            tuple(sorted(times)),
            before=self.treated(study.setup, conditions, cell),
            before_h=0.0 if before is None else before.duration_h,
            arm=name,
            cell=cell,
            natural_abundance=abundance,
            tracer_purity=1.0 if purity is None else purity,
        )

    def treated(self, setup: Conditions, conditions: Conditions, cell: str) -> Phase | None:
        """What a cell meets before time zero."""
        before = conditions.pre_treatment
        if before is None:
            return None
        return self.phase_of(0.0, merge(setup, before.conditions), cell)

    def phases_of(self, conditions: Conditions, cell: str) -> tuple[Phase, ...]:
        """All phases of a cell: the start, and every timed change."""
        phases = [self.phase_of(0.0, conditions, cell)]
        for change in conditions.at or ():
            for key in (*READ_ONCE, *OF_THE_START):
                if getattr(change.conditions, key) is not None:
                    self.lack(key, "it is said once for the whole arm, not from a time on")
            conditions = _later(conditions, change)
            phases.append(self._change(change, conditions, cell))
        return tuple(phases)

    def phase_of(self, start: float, conditions: Conditions, cell: str) -> Phase:
        """What holds for a cell from a time on, the whole medium included."""
        self._refuse_unknown(conditions, ())
        oxygen = self._oxygen(self._ambient() if conditions.oxygen is None else conditions.oxygen)
        parameters = oxygen | self._cell(conditions, cell) | self._doses(conditions)
        medium = self._medium(conditions) | {"o2_e": oxygen["gas.o2"]}
        return Phase(start, parameters, medium, tracer=self._tracer(conditions.tracer or ""))

    def _tracer(self, text: str) -> str:
        """The tracers, if the molecules have the atoms that they label."""
        try:
            if text:
                labels_of(self.model).tracers(text)
        except ModelError as error:
            where = "" if self._study is None else f" ({self._study.location})"
            self.lack(text, f"{error.message}{where}")
            return ""
        return text

    def _change(self, change: TimedChange, conditions: Conditions, cell: str) -> Phase:
        """A timed change sets only what it names; the rest of the medium stays as it is.

        Its supplement is added, once and last, to what the medium then holds.
        """
        said = change.conditions
        base = self._base(conditions.medium)
        added = self._added(said.supplement or {}, base)
        whole = replace(self.phase_of(change.time_h, conditions, cell), added=added)
        if said.medium is not None and said.medium.base is not None:
            return whole
        named = [n for n in (said.medium.values if said.medium else ()) if n != GROWTH_FACTORS]
        touched = {s for name in named for s in self._species(name)}
        if said.oxygen is not None:
            touched.add("o2_e")
        return replace(whole, medium={s: v for s, v in whole.medium.items() if s in touched})

    def _refuse_unknown(self, conditions: Conditions, cells: tuple[str, ...]) -> None:
        said = conditions.said()
        alone = SHARED_KEYS if self._system == "cell" else ()
        for key in (*UNKNOWN_KEYS, *alone):
            if said.get(key):
                self.lack(key, "the model does not know it yet")
        for target in conditions.gene or ():
            if cells and target.cell not in cells:
                self.lack(target.cell, "this cell is not in the dish")

    def _cell(self, conditions: Conditions, cell: str) -> dict[str, float]:
        """Parameters of one cell, of what stimulates it, and the chosen alternatives."""
        own = self._unstimulated(conditions, cell)
        return own | self._stimuli(conditions, own)

    def _unstimulated(self, conditions: Conditions, cell: str) -> dict[str, float]:
        own = self._cells.parameters(conditions, cell)
        return own | self._alternatives(conditions.alternatives or {})

    def _stimuli(self, conditions: Conditions, own: Mapping[str, float]) -> dict[str, float]:
        """Inputs of regulation: what stimulates, and the growth factors of the medium."""
        inputs = {n.id for n in self.model.network.regulation.inputs}
        parameters: dict[str, float] = {}
        for name, strength in (conditions.stimulus or {}).items():
            if name in inputs:
                parameters[f"signal.{name}"] = strength
            else:
                self.lack(name, "no regulation of the model starts from it yet")
        factors = (conditions.medium.values if conditions.medium else {}).get(GROWTH_FACTORS)
        if factors is not None:
            parameters[GROWTH_SIGNAL] = factors * own.get(GROWTH_SIGNAL, 1.0)
        return parameters | filled_inputs(conditions, self.model.base, parameters)

    def _alternatives(self, chosen: Mapping[str, str]) -> dict[str, float]:
        parameters: dict[str, float] = {}
        for question, answer in chosen.items():
            prefix = f"alternative.{question}."
            known = [p for p in self.model.parameter_index if p.startswith(prefix)]
            between = alternatives(self.model.base.niche_edges).get(question, ())
            if f"{prefix}{answer}" not in known and answer not in between:
                self.lack(f"{question}: {answer}", "the model offers no such alternative yet")
            parameters |= {p: float(p == f"{prefix}{answer}") for p in known}
        return parameters

    def _oxygen(self, fraction: float) -> dict[str, float]:
        solubility = self.model.network.constants["gas.oxygen_solubility"].value
        return {"gas.o2": fraction * solubility}

    def _ambient(self) -> float:
        """Oxygen where a study says nothing of it: of the gas phase, or of capillary blood."""
        capillary = self.model.base.tissue.get("capillary_oxygen")
        in_tissue = self._system == "tissue" and capillary is not None
        return capillary.value if in_tissue and capillary is not None else DEFAULT_OXYGEN

    def _doses(self, conditions: Conditions) -> dict[str, float]:
        parameters: dict[str, float] = {}
        for drug, amount in (conditions.drug or {}).items():
            if isinstance(amount, Dose):
                self.lack(f"doses of {drug}", "only drugs held at a concentration are modelled yet")
            elif drug not in self._drugs:
                self.lack(drug, "none of its targets is in the network yet")
            else:
                parameters[f"drug.{drug}"] = amount
        return parameters

    def _base(self, medium: Medium | None) -> dict[str, float]:
        name = (medium.base if medium else None) or DEFAULT_MEDIUM[self._system] or PLASMA
        return medium_of(self.model.base, self.model.network, name)

    def _medium(self, conditions: Conditions) -> dict[str, float]:
        """Base, then groups, then named values, then supplements on top."""
        base = self._base(conditions.medium)
        recipe = dict(base)
        values = conditions.medium.values if conditions.medium else {}
        groups = {n: v for n, v in values.items() if self._is_group(n)}
        for name, factor in groups.items():
            for species in self._species(name):
                recipe[species] *= factor
        for name, amount in values.items():
            if (
                name not in groups
                and name != GROWTH_FACTORS
                and not signal_of(name, self.model.base)
            ):
                recipe |= dict.fromkeys(self._species(name), amount)
        for species, amount in self._added(conditions.supplement or {}, base).items():
            recipe[species] += amount
        return recipe

    def _added(
        self, supplement: Mapping[str, float], base: Mapping[str, float]
    ) -> dict[str, float]:
        """Species → mM that a supplement adds; a group adds a multiple of the base medium."""
        added: dict[str, float] = {}
        for name, amount in supplement.items():
            for species in () if signal_of(name, self.model.base) else self._species(name):
                more = amount * (base[species] if self._is_group(name) else 1.0)
                added[species] = added.get(species, 0.0) + more
        return added

    def _is_group(self, name: str) -> bool:
        group = self.model.base.groups.get("medium", name)
        return group is not None and name != "nucleotides"

    def _species(self, name: str) -> tuple[str, ...]:
        """Species of the medium that a name stands for."""
        group = self.model.base.groups.get("medium", name)
        ids: Iterable[str] = group.members if group else (self._ids.get(name, name),)
        species = tuple(f"{i}_e" for i in ids)
        known = tuple(s for s in species if s in self.model.state_index)
        if not known:
            self.lack(name, "the medium of the model does not hold it yet")
        return known


def _later(conditions: Conditions, change: TimedChange) -> Conditions:
    """What holds after a timed change; a supplement is added once."""
    return merge(conditions, replace(change.conditions, supplement=None))


def without_glutamine(plan: ArmPlan) -> ArmPlan:
    """The same arm in a medium without glutamine; for glutamine dependence."""
    phases = tuple(_starved(phase) for phase in plan.phases)
    place = plan.place and replace(plan.place, name=starved_name(plan.place.name))
    clones = tuple(
        replace(clone, phases=tuple(_starved(phase) for phase in clone.phases))
        for clone in plan.clones
    )
    name = starved_name(plan.name)
    return replace(plan, name=name, phases=phases, arm="", place=place, clones=clones)


def _starved(phase: Phase) -> Phase:
    medium = {s: 0.0 if s == GLUTAMINE else x for s, x in phase.medium.items()}
    added = {s: x for s, x in phase.added.items() if s != GLUTAMINE}
    return replace(phase, medium=medium, added=added)


def starved_name(arm: str) -> str:
    """Name of an arm's twin without glutamine; no arm of a study is called like that."""
    return f"{arm} (its twin without glutamine)"
