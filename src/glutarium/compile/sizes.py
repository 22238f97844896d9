"""How long pieces of generated code are, and from what size on something pays: settings, found by measuring.

None of them changes what is computed beyond the order of sums. They were measured on the cell model and
on generated networks of 60 to 600 species (``docs/benchmarks.md``), with vectors of four and of eight.
"""

from __future__ import annotations

__all__ = [
    "CHAINS",
    "CUT_FLUXES",
    "CUT_STATES",
    "FULL_COST",
    "HELD",
    "LARGEST_PRODUCT",
    "LONGEST",
    "LONGEST_SUM",
    "MANY_POWERS",
    "MOST_ENTRIES",
    "NEIGHBOURS",
    "SHARED_DIVISION",
    "UPDATES",
]

LONGEST = 700
"""Lines of a function: the time to assemble one grows with the square of its length."""
LONGEST_SUM = 4
"""States of a conserved sum that spares an unknown: longer ones fill more columns than they empty."""
MOST_ENTRIES = 4000
"""Entries of the factors up to which factorisation and solution are written without loops: more outgrow the
cache of instructions, and take longer to assemble than they save."""
FULL_COST = 0.2
"""Time of an operation in the full block over that of one elsewhere, where rows are short loops."""
NEIGHBOURS = 12
"""Entries of a row that are eliminated at a time: as many as registers hold beside what they need."""
UPDATES = 4
"""Products that a loop over tables subtracts at a time: less waits for the loop, more is often filled up."""
CHAINS = 2
"""Sums of a row that do not wait for one another; a power of two. Most rows are too short for four."""
HELD = 24
"""Unknowns of a solution that stay in registers once they are found, most recent ones."""
MANY_POWERS = 4
"""Powers that are worth a loop of their own: fewer do not fill the time that one waits for another."""
SHARED_DIVISION = 2
"""Reciprocals that share a division at most; three are quicker on small models and slower on the cell."""
LARGEST_PRODUCT = 64
"""Integer exponents up to this size become products; larger ones are left to ``pow``."""
CUT_STATES = 3
"""A quantity that several fluxes share becomes an unknown if it depends on at least so many states …"""
CUT_FLUXES = 8
"""… and enters at least so many fluxes: then the entries that it spares are more than those that it adds."""
