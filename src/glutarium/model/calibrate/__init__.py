"""From recorded ranges to one balanced, thermodynamically consistent reference state.

Order matters: concentrations first (they fix the direction of every reversible reaction), then fluxes
(dilution by growth enters their balance), then capacities (one evaluation of every rate law).
"""
