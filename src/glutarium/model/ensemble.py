"""The shipped ensemble: numbers of all kept members, with seed and provenance.

``ensemble.npz`` is written by ``glutarium ensemble build`` and read here. It belongs to the tables that
it was drawn from; after a table has changed it is refused until it is built again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glutarium.errors import ModelError
from glutarium.model.calibrate.draw import Draw
from glutarium.model.member import Member
from glutarium.model.regulation.numbers import steering

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.kernel import Array
    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.network import Network
    from glutarium.model.spec import ModelSpec

__all__ = [
    "DATA",
    "REFERENCE_MEDIUM",
    "Ensemble",
    "load_ensemble",
    "save_ensemble",
    "tables_hash",
]

DATA = Path(__file__).parent / "data" / "ensemble.npz"
REFERENCE_MEDIUM = "reference"


@dataclass(frozen=True)
class Ensemble:
    """Kept members as arrays in the order of a spec.

    Attributes
    ----------
    parameters
        Shape ``(n_members, n_parameters)``.
    initial
        Raw states of the reference state, shape ``(n_members, n_states)``.
    provenance
        Seeds, counts of draws and keeps, hash of the tables.
    """

    parameters: Array
    initial: Array
    provenance: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.parameters)

    @classmethod
    def from_members(
        cls, spec: ModelSpec, members: Sequence[Member], provenance: Mapping[str, Any]
    ) -> Ensemble:
        """Arrange members in the order of a spec; what a member does not set stays nominal."""
        parameters = [[m.parameters.get(p.id, p.value) for p in spec.parameters] for m in members]
        initial = [[m.initial.get(s.id, s.initial) for s in spec.states] for m in members]
        return cls(np.array(parameters), np.array(initial), provenance)

    def first(self, count: int) -> Ensemble:
        """The first members; all where there are fewer."""
        return Ensemble(self.parameters[:count], self.initial[:count], self.provenance)


def tables_hash(base: KnowledgeBase, network: Network) -> str:
    """Hash of everything that a stored draw depends on; notes, sources and claims do not count.

    Numbers of regulation do not count either: they can be drawn again from a member's seed, since they do
    not change its reference state.
    """
    digest = hashlib.sha256()
    for _, s in sorted(network.substances.items()):
        digest.update(f"{s.id} {sorted(s.formula.items())} {s.charge} {s.buffered}".encode())
    for _, r in sorted(network.reactions.items()):
        digest.update(f"{r.id} {r.law} {r.reversible} {r.genes}".encode())
        for part in (r.stoichiometry, r.constants):
            digest.update(repr(sorted(part.items())).encode())
        digest.update(repr(sorted(r.effects, key=repr)).encode())
    for table in (network.pools, network.fluxes, network.constants):
        digest.update(repr(sorted(table.items())).encode())
    medium = sorted((m.species, m.value) for m in base.media.where("medium", REFERENCE_MEDIUM))
    digest.update(repr(medium).encode())
    return digest.hexdigest()[:16]


def save_ensemble(path: Path, members: Sequence[Member], provenance: Mapping[str, Any]) -> None:
    """Write members by name, so that a later spec with more parameters can still read them."""
    names = sorted(members[0].parameters)
    states = sorted(members[0].initial)
    np.savez_compressed(
        path,
        parameter_names=np.array(names),
        parameters=np.array([[m.parameters[n] for n in names] for m in members]),
        state_names=np.array(states),
        initial=np.array([[m.initial[n] for n in states] for m in members]),
        provenance=np.array(json.dumps(provenance, sort_keys=True)),
    )


def _steered(member: Member, network: Network, seed: int | None) -> Member:
    """A stored member with numbers of the present regulation, which is not the one it was stored with."""
    numbers = steering(network, member.initial, Draw(seed))
    return Member({**member.parameters, **numbers}, member.initial)


def load_ensemble(
    spec: ModelSpec, base: KnowledgeBase, network: Network, path: Path = DATA
) -> Ensemble:
    """Read the shipped ensemble for a spec.

    Raises
    ------
    ModelError
        If there is none, or it was drawn from other tables.
    """
    advice = "run: glutarium ensemble build"
    if not path.exists():
        message = f"There is no ensemble at {path}; {advice}"
        raise ModelError(message)
    with np.load(path) as stored:
        provenance = json.loads(str(stored["provenance"]))
        if provenance["tables"] != tables_hash(base, network):
            message = f"The ensemble at {path} was drawn from other tables than the present ones; {advice}"
            raise ModelError(message)
        parameters, initial = stored["parameters"], stored["initial"]
        names, states = stored["parameter_names"].tolist(), stored["state_names"].tolist()
    members = [
        Member(dict(zip(names, p, strict=True)), dict(zip(states, y, strict=True)))
        for p, y in zip(parameters.tolist(), initial.tolist(), strict=True)
    ]
    if provenance.get("regulation") != network.regulation.digest:
        drawn = zip(members, provenance["seeds"], strict=True)
        members = [_steered(member, network, seed) for member, seed in drawn]
    return Ensemble.from_members(spec, members, provenance)
