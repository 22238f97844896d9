"""Networks of a few reactions, for answers that can be had on paper."""

import numpy as np

from glutarium.kernel import Array
from glutarium.knowledge.base import KnowledgeBase
from glutarium.model.atoms import Node
from glutarium.model.ledger import Passage
from glutarium.model.network import Network, Range, Reaction, Substance
from glutarium.model.transfers import Transfers, load_transfers
from glutarium.simulate.fate import Course, Fate
from glutarium.simulate.provenance import Balance, Tracing

FORMULAS = {
    "gln": {"C": 5.0, "N": 2.0},
    "glu": {"C": 5.0, "N": 1.0},
    "akg": {"C": 5.0},
    "nh4": {"N": 1.0},
    "nad": {"C": 5.0},
    "nadh": {"C": 5.0},
    "prot": {"C": 5.0, "N": 1.0},
    "co2": {"C": 1.0},
}
VOLUME = 4.0  # mL/gDW


def network_of(equations: dict[str, dict[str, float]], **laws: str) -> Network:
    """A network without records: reaction → stoichiometry."""
    species = dict.fromkeys(s for terms in equations.values() for s in terms)
    substances = {
        s: Substance(s, s[:-2], s[-1], FORMULAS[s[:-2]], 0.0, buffered=False) for s in species
    }
    reactions = {i: _reaction(i, laws.get(i, "modular"), terms) for i, terms in equations.items()}
    volumes = {f"volume.{c}": Range(VOLUME, VOLUME, VOLUME) for c in "cm"}
    return Network(substances, reactions, {}, {}, volumes)


def _reaction(name: str, law: str, terms: dict[str, float]) -> Reaction:
    return Reaction(
        id=name,
        name=name,
        law=law,
        reversible=True,
        stoichiometry=terms,
        genes="",
        subsystem="test",
        constants={},
        effects=(),
        charge_into_matrix=0.0,
    )


IMPORT = {"gln_e": -1.0, "gln_c": 1.0}
GLS = {"gln_c": -1.0, "glu_c": 1.0, "nh4_c": 1.0}
AMMONIA = {"nh4_c": -1.0, "nh4_e": 1.0}
EXPORT = {"glu_c": -1.0, "glu_e": 1.0}
UPTAKE = {"glu_e": -1.0, "glu_c": 1.0}
GROWTH = {"glu_c": -1.0, "prot_b": 1.0}


def tracing(tables: KnowledgeBase, **equations: dict[str, float]) -> Tracing:
    if "GLS" not in equations:
        tables.path("transfers").write_text(
            "reaction\telement\tdonor\tacceptor\tatoms\tsource\tnote\n", encoding="utf-8"
        )
    network = network_of(equations)
    return Tracing(network, load_transfers(tables, network))


def closes(balance: Balance, element: str, tolerance: float = 1e-9) -> bool:
    total = sum(balance.sinks[element].values())
    return abs(total - balance.uptake[element]) <= tolerance * abs(balance.uptake[element])


def undivided(network: Network) -> Transfers:
    """Carbon of reactions with one substrate and one product."""
    passages = []
    for reaction in network.reactions.values():
        (donor,), (acceptor,) = reaction.substrates, reaction.products
        atoms = network.substances[donor].formula["C"] * -reaction.stoichiometry[donor]
        passages.append(Passage(reaction.id, Node(donor, ""), Node(acceptor, ""), atoms))
    carbon = {Node(s, ""): q.formula["C"] for s, q in network.substances.items()}
    return Transfers({"C": tuple(passages), "N": ()}, {"C": carbon, "N": {}})


def course(
    network: Network, times: Array, rates: dict[str, Array], pools: dict[str, Array], **more: object
) -> Course:
    n = len(times)
    zero = np.zeros(n)
    settings_: dict[str, object] = {"mass": np.ones(n), "growth": zero, "density": 0.5, "fresh": ()}
    return Course(
        times=times,
        concentrations=np.array([pools.get(s, zero) for s in network.dynamic]).T,
        rates=np.array([rates.get(r, zero) for r in network.reactions]).T,
        **(settings_ | more),  # type: ignore[arg-type]
    )


def share(fate: Fate, sink: str, element: str = "carbon") -> float:
    return float(fate.shares[fate.elements.index(element), fate.sinks.index(sink)])
