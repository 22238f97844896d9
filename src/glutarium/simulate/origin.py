"""Shares of atoms that stem from glutamine of the medium: one linear system per element and time.

Runs stand side by side: one large matrix that falls into blocks is built several times faster than as many
small ones.

At isotopic quasi-steady state the share of a part of a molecule is the mean of the shares of what flows
into it. Net fluxes carry atoms as :mod:`glutarium.model.transfers` says. Glutamine of the medium has
share one, biomass and the surroundings zero; what nothing flows into keeps the share that it had.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

if TYPE_CHECKING:
    from glutarium.kernel import Array
    from glutarium.model.atoms import Node
    from glutarium.model.network import Network
    from glutarium.model.transfers import Transfers

__all__ = ["SOURCE", "ElementMap", "Origin", "element_map", "find_origin"]

SOURCE = "gln_e"

# A reaction this much slower than the fastest one is noise of a solver and moves no atoms.
STILL = 1e-13

Indices: TypeAlias = npt.NDArray[np.intp]
Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ElementMap:
    """The ways of one element through a network, as arrays.

    Attributes
    ----------
    nodes
        Parts of species, in the order of all arrays of shape ``(n_nodes,)``.
    atoms
        Atoms per molecule, shape ``(n_nodes,)``.
    species
        Position of every node's species in ``network.dynamic``, shape ``(n_nodes,)``.
    source, medium, cell
        Glutamine of the medium; other species of the medium; pools of the cells. Shape ``(n_nodes,)``;
        what is none of them is biomass or a ledger of the surroundings.
    donor, acceptor, reaction
        Nodes, and position in ``network.reactions``, of every passage, shape ``(n_passages,)``.
    passed
        Atoms per turnover, shape ``(n_passages,)``.
    """

    nodes: tuple[Node, ...]
    atoms: Array
    species: Indices
    source: Mask
    medium: Mask
    cell: Mask
    donor: Indices
    acceptor: Indices
    reaction: Indices
    passed: Array


@dataclass(frozen=True, eq=False)
class Origin:
    """Where the atoms of one element come from at one time, for each of several runs.

    Attributes
    ----------
    shares
        Share of every node that stems from glutamine of the medium, shape ``(n_runs, n_nodes)``.
    gain
        Atoms from glutamine that a node gains less those that it loses, mmol/gDW/h, shape
        ``(n_runs, n_nodes)``; for glutamine of the medium only what is given back.
    uptake
        Atoms of glutamine that leave the medium, mmol/gDW/h, shape ``(n_runs,)``.
    """

    shares: Array
    gain: Array
    uptake: Array


def element_map(
    network: Network, transfers: Transfers, element: str, source: str = SOURCE
) -> ElementMap:
    """Index the passages of one element, ``C`` or ``N``, that come from one species of the medium."""
    dynamic = {s: i for i, s in enumerate(network.dynamic)}
    order = {r: i for i, r in enumerate(network.reactions)}
    atoms = {v: n for v, n in transfers.atoms[element].items() if v.species in dynamic}
    at = {v: i for i, v in enumerate(atoms)}
    place = np.array([network.substances[v.species].compartment for v in atoms])
    is_source = np.array([v.species == source for v in atoms], dtype=np.bool_)
    passages = transfers.passages[element]
    return ElementMap(
        nodes=tuple(atoms),
        atoms=np.array(list(atoms.values())),
        species=np.array([dynamic[v.species] for v in atoms], dtype=np.intp),
        source=is_source,
        medium=(place == "e") & ~is_source,
        cell=(place == "c") | (place == "m"),
        donor=np.array([at[p.donor] for p in passages], dtype=np.intp),
        acceptor=np.array([at[p.acceptor] for p in passages], dtype=np.intp),
        reaction=np.array([order[p.reaction] for p in passages], dtype=np.intp),
        passed=np.array([p.atoms for p in passages]),
    )


def find_origin(
    ways: ElementMap, rates: Array, before: Array, contents: Array, stock: Array | None = None
) -> Origin:
    """Solve for the shares of all nodes.

    Parameters
    ----------
    ways
        The element.
    rates
        Net rates of all reactions, mmol/gDW/h, shape ``(n_runs, n_reactions)``.
    before
        Shares that hold for the medium and where nothing flows in, shape ``(n_runs, n_nodes)``.
    contents
        Atoms in every node, mmol/gDW; weights where a closed cycle has no inflow at all.
    stock
        Rate at which what was in the medium before flows into it, mmol/gDW/h, shape
        ``(n_runs, n_nodes)``; None where the medium is so large that it keeps its shares.
    """
    shape = before.shape
    size = before.size
    giver, taker, flow = _directed(ways, rates)
    mixing = np.tile(ways.cell if stock is None else ways.cell | ways.medium, shape[0])
    stored = np.zeros(size) if stock is None else stock.ravel()
    inflow: Array = np.bincount(taker, flow, size) + stored
    shares = np.where(ways.source, 1.0, before).ravel()
    free = mixing & (inflow > 0.0)
    fed = _reached(~free | (stored > 0.0), giver, taker) & free
    _mix_closed(shares, free & ~fed, (giver, taker), contents.ravel())
    kept = stored * shares / np.where(fed, inflow, 1.0)
    _solve(shares, fed, (giver, taker, flow / inflow[taker]), kept, shape[0])
    carried = flow * shares[giver]
    gained = np.bincount(taker, carried, size).reshape(shape)
    lost = np.bincount(giver, carried, size).reshape(shape)
    gain = np.where(ways.source, gained, gained - lost)
    return Origin(shares.reshape(shape), gain, np.where(ways.source, lost, 0.0).sum(axis=1))


def _directed(ways: ElementMap, rates: Array) -> tuple[Indices, Indices, Array]:
    """Giver, taker and atoms per hour of every passage that runs, in the direction of the net flux.

    Nodes are numbered through all runs: those of the second run follow on those of the first.
    """
    size = np.abs(rates)
    moving = size > STILL * size.max(axis=1, initial=0.0, keepdims=True)
    run, passage = np.nonzero(moving[:, ways.reaction])
    speed = rates[run, ways.reaction[passage]]
    forward = speed > 0.0
    first = run * len(ways.nodes)
    donor, acceptor = first + ways.donor[passage], first + ways.acceptor[passage]
    giver = np.where(forward, donor, acceptor)
    taker = np.where(forward, acceptor, donor)
    return giver, taker, np.abs(speed) * ways.passed[passage]


def _reached(roots: Mask, giver: Indices, taker: Indices) -> Mask:
    """Nodes that anything from a root gets to, the roots included."""
    reached = roots.copy()
    while True:  # one round per step away from the roots: a few, on short arrays
        further = taker[reached[giver] & ~reached[taker]]
        if not len(further):
            return reached
        reached[further] = True


def _mix_closed(
    shares: Array, closed: Mask, ends: tuple[Indices, Indices], contents: Array
) -> None:
    """Give nodes that only feed each other one share: the mean of what they held."""
    if not closed.any():
        return
    giver, taker = ends
    inside = closed[giver] & closed[taker]
    n = len(shares)
    links = sparse.csr_array(
        (np.ones(int(inside.sum())), (giver[inside], taker[inside])), shape=(n, n)
    )
    label = connected_components(links, directed=False)[1][closed]
    # A cycle without contents has nothing to weigh by: all its nodes count the same.
    weight = np.where(contents[closed] > 0.0, contents[closed], np.finfo(np.float64).tiny)
    mixed = np.bincount(label, weight * shares[closed])[label] / np.bincount(label, weight)[label]
    shares[closed] = mixed


def _solve(
    shares: Array, fed: Mask, passages: tuple[Indices, Indices, Array], stored: Array, runs: int
) -> None:
    """Set the shares of nodes that are fed: ``x_v = sum of weight * x_giver + stored``."""
    giver, taker, weight = passages
    unknown = np.flatnonzero(fed)
    if len(unknown) == 0:
        return
    position = np.cumsum(fed) - 1
    known = fed[taker] & ~fed[giver]
    right = stored[unknown] + np.bincount(
        position[taker[known]], weight[known] * shares[giver[known]], len(unknown)
    )
    inner = fed[taker] & fed[giver]
    diagonal = np.arange(len(unknown))
    rows = np.concatenate([diagonal, position[taker[inner]]])
    columns = np.concatenate([diagonal, position[giver[inner]]])
    values = np.concatenate([np.ones(len(unknown)), -weight[inner]])
    matrix = sparse.csc_matrix((values, (rows, columns)), shape=(len(unknown), len(unknown)))
    counts = fed.reshape(runs, -1).sum(axis=1)
    shares[unknown] = _by_blocks(matrix, right, np.concatenate([[0], np.cumsum(counts)]))


def _by_blocks(matrix: sparse.csc_matrix, right: Array, bounds: Indices) -> Array:
    """Solve block after block, so that what stands beside a run does not change its last digits."""
    solution = np.empty_like(right)
    starts, rows, values = matrix.indptr, matrix.indices, matrix.data
    for first, end in itertools.pairwise(bounds):
        if first == end:
            continue
        low, high = starts[first], starts[end]
        inside = (values[low:high], rows[low:high] - first, starts[first : end + 1] - low)
        block = sparse.csc_matrix(inside, shape=(end - first, end - first))
        solution[first:end] = splu(block).solve(right[first:end])
    return solution
