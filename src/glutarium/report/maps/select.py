"""Which reactions a map shows: pathways, reactions, or what lies around a metabolite."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from glutarium.errors import UnknownNameError
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.report.words import slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from glutarium.model.network import Network
    from glutarium.report.maps.roles import Roles

__all__ = ["choose", "map_names", "pathways_of"]

_CLOSE, _MOST = 0.6, 3


def pathways_of(network: Network) -> dict[str, tuple[str, ...]]:
    """Pathway (``tca-cycle``) → its reactions, in the order of the tables."""
    found: dict[str, list[str]] = {}
    for reaction in network.reactions.values():
        found.setdefault(slug(reaction.subsystem), []).append(reaction.id)
    return {name: tuple(reactions) for name, reactions in found.items()}


def map_names(network: Network) -> dict[str, str]:
    """All names that a map understands → what kind of thing each is."""
    metabolites = dict.fromkeys(s.name for s in network.substances.values())
    return {
        **dict.fromkeys(metabolites, "metabolite"),
        **{r.id: r.name for r in network.reactions.values()},
        **dict.fromkeys(pathways_of(network), "pathway"),
    }


def choose(
    network: Network, roles: Mapping[str, Roles], names: Sequence[str], radius: int | None = None
) -> tuple[str, ...]:
    """Reactions to draw, in the order of the tables.

    Parameters
    ----------
    network, roles
        Reactions and the roles of their participants.
    names
        Pathways, reactions, metabolites or species; none: the whole network.
    radius
        How many reactions away from what is named; by default a metabolite's own reactions, and
        nothing beyond a pathway or a reaction.

    Raises
    ------
    UnknownNameError
        A name is none of these; it carries the closest ones.
    """
    if not names:
        return tuple(network.reactions)
    chosen: set[str] = set()
    for name in names:
        reactions, around = _named(network, name)
        steps = (1 if around else 0) if radius is None else radius
        start = reactions or _taking_part(network, around)
        more = steps if reactions else max(0, steps - 1)
        chosen |= _grown(roles, start, more)
    return tuple(r for r in network.reactions if r in chosen)


def _named(network: Network, name: str) -> tuple[set[str], set[str]]:
    """Reactions that a name stands for, or else the species."""
    pathways = pathways_of(network)
    if slug(name) in pathways:
        return set(pathways[slug(name)]), set()
    if name in network.reactions:
        return {name}, set()
    if name in network.substances:
        return set(), {name}
    known = vocabulary().find(name, "metabolite")
    species = {s.id for s in network.substances.values() if known and s.name == known.name}
    if not species:
        raise UnknownNameError(name, "pathway, reaction or metabolite", _closest(network, name))
    return set(), species


def _closest(network: Network, name: str) -> list[str]:
    known = {other.casefold(): other for other in map_names(network)}
    found = get_close_matches(name.casefold(), known, n=_MOST, cutoff=_CLOSE)
    return [known[other] for other in found]


def _taking_part(network: Network, species: Iterable[str]) -> set[str]:
    wanted = set(species)
    return {r.id for r in network.reactions.values() if wanted & set(r.stoichiometry)}


def _grown(roles: Mapping[str, Roles], start: Iterable[str], steps: int) -> set[str]:
    """Reactions that lines join to some, so many steps away."""
    found = set(start)
    for _ in range(steps):
        ends = {s for r in found for s in (*roles[r].sources, *roles[r].targets)}
        found |= {r for r, role in roles.items() if ends & {*role.sources, *role.targets}}
    return found
