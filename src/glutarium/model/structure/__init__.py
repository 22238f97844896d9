"""What stoichiometry alone says about a network: fluxes it allows, dead ends, loops, the best growth."""
