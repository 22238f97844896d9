"""Sources that a study's results rest on: the model's records, and those of what its arms do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.study.study import DEFAULT_MEDIUM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.study.conditions import Conditions
    from glutarium.study.study import Study

__all__ = ["cited_sources"]


def cited_sources(study: Study, base: KnowledgeBase) -> list[str]:
    """BibTeX keys in alphabetical order.

    Parameters
    ----------
    study
        Its drugs, media and genotypes decide which rows of their tables count.
    base
        The knowledge base; reactions and all numbers of the network always count.
    """
    network = (
        base.reactions,
        base.kinetics,
        base.modifiers,
        base.pools,
        base.fluxes,
        base.constants,
    )
    found = {key for table in network for record in table for key in record.source}
    conditions = [c for whole in _arms(study) for c in _nested(whole)]
    drugs = {drug for c in conditions for drug in c.drug or {}}
    media = {_base(c) for c in conditions}
    media |= {_base(c) or DEFAULT_MEDIUM[study.system] for c in _arms(study)}
    altered = {name for c in conditions for name in _genotype(c)}
    found |= {key for r in base.drug_targets if r.drug in drugs for key in r.source}
    found |= {key for r in base.media if r.medium in media for key in r.source}
    profiles = {name for c in conditions for name in _profiles(c)}
    found |= {key for r in base.alterations if r.alteration in altered for key in r.source}
    found |= {key for r in base.profiles if r.profile in profiles for key in r.source}
    found |= {
        key for name in profiles & base.expressed.keys() for key in base.expressed[name].sources
    }
    return sorted(found)


def _base(conditions: Conditions) -> str | None:
    return conditions.medium.base if conditions.medium else None


def _arms(study: Study) -> list[Conditions]:
    return [study.setup, *(study.merged(name) for name in study.arms)]


def _nested(conditions: Conditions) -> Iterator[Conditions]:
    """Conditions with what came before them and what changes later."""
    yield conditions
    if conditions.pre_treatment is not None:
        yield from _nested(conditions.pre_treatment.conditions)
    for change in conditions.at or ():
        yield from _nested(change.conditions)


def _genotype(conditions: Conditions) -> Iterator[str]:
    yield from conditions.genotype or ()
    for setting in conditions.cells.settings.values() if conditions.cells else ():
        yield from setting.genotype or ()


def _profiles(conditions: Conditions) -> Iterator[str]:
    """Cells and cancer types, each of which may have a profile."""
    yield from conditions.cell_names
    if conditions.cancer is not None:
        yield conditions.cancer
    for cells in (conditions.cells, conditions.add_cells):
        for setting in cells.settings.values() if cells else ():
            if setting.cancer is not None:
                yield setting.cancer
