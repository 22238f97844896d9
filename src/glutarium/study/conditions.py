"""What is done to a system, as frozen values, and how an arm is merged over its setup.

:mod:`glutarium.study.parse` makes them from YAML; nothing here reads files or knows names. ``None``
in :class:`Conditions` means "not said", so that an arm can be merged over the setup key by key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from glutarium.model.profiles import Profile
    from glutarium.names import Target
    from glutarium.study.composition import Composition

__all__ = [
    "CONDITION_KEYS",
    "CellSetting",
    "Cells",
    "Conditions",
    "Dose",
    "Medium",
    "PreTreatment",
    "TimedChange",
    "merge",
    "merge_cells",
    "qualify",
]


@dataclass(frozen=True, slots=True)
class CellSetting:
    """What a mapping under ``cells`` may say of one cell.

    Attributes
    ----------
    fraction
        Share of the dry mass of all cells in the system.
    density
        Cell mass at time zero, gDW/L.
    cancer, genotype, gene
        As in :class:`Conditions`, for this cell only.
    expression
        Table that personalises the cell.
    profile
        What the file of its tissue says of its expression; the table lies over it.
    """

    fraction: float | None = None
    density: float | None = None
    cancer: str | None = None
    genotype: tuple[str, ...] | None = None
    gene: Mapping[str, float] | None = None
    expression: Path | None = None
    profile: Profile | None = None


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a system; a list replaces what the setup lists, a mapping is merged over it.

    ``composition`` is what they were read of, where they come from a file.
    """

    settings: Mapping[str, CellSetting]
    listed: bool = True
    composition: Composition | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names in the order in which they were listed."""
        return tuple(self.settings)


@dataclass(frozen=True, slots=True)
class Medium:
    """A named medium and the values that override it.

    Attributes
    ----------
    base
        Name of the medium; None: the system's default.
    values
        mM by name; multipliers for the groups ``amino_acids``, ``fatty_acids``, ``growth_factors``;
        and ``pH``. A named value wins over its group, whichever level sets it.
    """

    base: str | None = None
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dose:
    """A drug given as doses.

    Attributes
    ----------
    amount
        mg, or mg per kg of body mass where `per_kg`.
    route
        How it is given.
    every_h
        Interval, h; None: once.
    start_h, stop_h
        First dose and end of treatment, h; ``stop_h`` None: until the end of the run.
    """

    amount: float
    per_kg: bool
    route: str
    every_h: float | None = None
    start_h: float = 0.0
    stop_h: float | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is done to a system; every field is None where it is not said.

    Attributes
    ----------
    cells, add_cells
        Cells in the system, and those present in addition.
    clones
        Share of each tumour sub-population by genotype; ``none`` is the cell without alteration.
    cancer, genotype
        Type and alterations of ``tumour``.
    gene
        Activity multipliers; the parser has put a cell to every bare symbol.
    expression
        Table that personalises ``tumour``.
    medium, supplement
        Medium, and what is added to it (mM).
    oxygen
        Fraction of 1 atm.
    drug
        uM held constant, or doses.
    stimulus
        Relative activation 0-1; ``radiation_gy`` in Gy, ``stiffness`` as fold.
    tracer
        Labelled nutrient.
    tracer_purity
        Probability that a labelled position is heavy.
    natural_abundance
        Whether isotopologues are read as raw data show them.
    pre_treatment
        Conditions that end at time zero.
    at
        Timed changes, by time.
    tumour_mass_kg
        Body setting.
    spheroid
        Diameter at the start of the balls in which the cells of a dish grow, um.
    alternatives
        Disputed mechanism by name → the one to use.
    """

    cells: Cells | None = None
    add_cells: Cells | None = None
    clones: Mapping[str, float] | None = None
    cancer: str | None = None
    genotype: tuple[str, ...] | None = None
    gene: Mapping[Target, float] | None = None
    expression: Path | None = None
    medium: Medium | None = None
    supplement: Mapping[str, float] | None = None
    oxygen: float | None = None
    drug: Mapping[str, float | Dose] | None = None
    stimulus: Mapping[str, float] | None = None
    tracer: str | None = None
    tracer_purity: float | None = None
    natural_abundance: bool | None = None
    pre_treatment: PreTreatment | None = None
    at: tuple[TimedChange, ...] | None = None
    tumour_mass_kg: float | None = None
    spheroid: float | None = None
    alternatives: Mapping[str, str] | None = None

    @property
    def cell_names(self) -> tuple[str, ...]:
        """All cells that are listed, those of ``add_cells`` last."""
        both = [c.names for c in (self.cells, self.add_cells) if c is not None]
        return tuple(dict.fromkeys(name for names in both for name in names))

    def said(self) -> dict[str, Any]:
        """Return the fields that are not None, by name."""
        pairs = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: value for name, value in pairs if value is not None}


@dataclass(frozen=True, slots=True)
class PreTreatment:
    """Conditions applied before time zero and then lifted."""

    conditions: Conditions
    duration_h: float = 24.0


@dataclass(frozen=True, slots=True)
class TimedChange:
    """Conditions that begin at a time, h."""

    time_h: float
    conditions: Conditions


CONDITION_KEYS = tuple(f.name for f in fields(Conditions))
"""Keys that setup, arms, pre-treatments and timed changes may have."""


def merge(under: Conditions, over: Conditions) -> Conditions:
    """Return `over` merged over `under`: mappings key by key, anything else replaced.

    Merging the same conditions twice changes nothing.
    """
    mine = under.said()
    return replace(
        under, **{name: _merged(mine.get(name), value) for name, value in over.said().items()}
    )


def merge_cells(under: Cells | None, over: Cells) -> Cells:
    """Return the cells of a setup and of an arm as one; a list replaces, a mapping adds."""
    if under is None or over.listed:
        return over
    both = dict(under.settings)
    for name, setting in over.settings.items():
        both[name] = _merge_setting(both.get(name, CellSetting()), setting)
    origin = under.composition if over.composition is None else over.composition
    return Cells(both, listed=under.listed, composition=origin)


def qualify(conditions: Conditions, cell: str) -> Conditions:
    """Return conditions in which every bare gene symbol acts on `cell`, nested ones included."""
    before, at, gene = conditions.pre_treatment, conditions.at, conditions.gene
    return replace(
        conditions,
        gene=gene and {t if t.cell else replace(t, cell=cell): x for t, x in gene.items()},
        pre_treatment=before and replace(before, conditions=qualify(before.conditions, cell)),
        at=at and tuple(replace(c, conditions=qualify(c.conditions, cell)) for c in at),
    )


def _merged(under: object, over: object) -> Any:  # noqa: ANN401  (a field of any type)
    match over:
        case Cells():
            return merge_cells(under if isinstance(under, Cells) else None, over)
        case Medium() if isinstance(under, Medium):
            base = under.base if over.base is None else over.base
            return Medium(base, {**under.values, **over.values})
        case PreTreatment() if isinstance(under, PreTreatment):
            return PreTreatment(merge(under.conditions, over.conditions), over.duration_h)
        case Mapping() if isinstance(under, Mapping):
            return {**under, **over}
    return over


def _merge_setting(under: CellSetting, over: CellSetting) -> CellSetting:
    values = {f.name: getattr(over, f.name) for f in fields(over)}
    said = {name: value for name, value in values.items() if value is not None}
    if under.gene is not None and over.gene is not None:
        said["gene"] = {**under.gene, **over.gene}
    return replace(under, **said)
