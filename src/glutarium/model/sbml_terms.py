"""Terms of the Systems Biology Ontology for the parts of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glutarium.model.spec import State

__all__ = ["SBO", "of_parameter", "of_state"]

SBO = {
    "bound": 625,  # flux bound
    "biomass": 629,
    "biochemical": 176,
    "charge": 240,  # material entity
    "compartment": 290,
    "concentration": 196,
    "exchange": 627,
    "gene": 243,
    "macromolecule": 245,
    "metabolite": 247,  # simple chemical
    "parameter": 2,  # quantitative systems description parameter
    "rate law": 1,
    "transport": 655,
}
_OF_PARAMETERS = {
    "km": 27,  # Michaelis constant
    "vmax": 186,  # maximal velocity
    "keq": 281,  # equilibrium constant
    "transfer": 9,  # kinetic constant
    "speed": 9,
    "volume": 468,  # volume
}
_OF_DRUGS = {"ki": 261, "koff": 9, "kinact": 9, "kcat": 25, "hill": 190}


def of_parameter(name: str) -> int:
    """Term of a parameter, by the beginning or the end of its id."""
    return _OF_PARAMETERS.get(
        name.partition(".")[0], _OF_DRUGS.get(name.rpartition(".")[2], SBO["parameter"])
    )


def of_state(state: State) -> int:
    """Term of a state."""
    if state.compartment == "x":
        return SBO["parameter"]
    return SBO["macromolecule" if state.compartment == "b" else "metabolite"]
