"""ATP by origin: the parts add up, and an unused compound gives none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.simulate.energy import AT_SUBSTRATE, SYNTHASE, EnergyLedger, atp_source

if TYPE_CHECKING:
    from glutarium.kernel import Array
    from glutarium.simulate.model import CellModel


@pytest.fixture(scope="module")
def ledger(model: CellModel) -> EnergyLedger:
    return EnergyLedger(model.base, model.network)


@pytest.fixture(scope="module")
def rates(model: CellModel) -> Array:
    """Rates of the reference state, shape ``(1, n_reactions)``."""
    y, p = model.ensemble.initial[0], model.parameters(0, {})
    observed = np.empty(len(model.kernel.observable_names))
    model.kernel.observe(0.0, y, p, observed)
    return observed[[model.observable_index[f"rate.{r}"] for r in model.network.reactions]][None]


def made(model: CellModel, rates: Array) -> float:
    shares = [s for s in model.base.processes if s.process in {SYNTHASE, AT_SUBSTRATE}]
    at = {r: i for i, r in enumerate(model.network.reactions)}
    return float(sum(s.weight * rates[0, at[s.reaction]] for s in shares))


def test_glucose_and_glutamine_give_no_more_than_is_made(
    model: CellModel, ledger: EnergyLedger, rates: Array
) -> None:
    glucose, glutamine = (ledger.atp_from(s, rates)[0] for s in ("glc_e", "gln_e"))
    assert glutamine > 0.0
    assert glucose > 0.0
    assert glucose + glutamine <= made(model, rates) * (1.0 + 1e-9)


def test_scales_with_the_rates(ledger: EnergyLedger, rates: Array) -> None:
    once, twice = (ledger.atp_from("gln_e", rates * k)[0] for k in (1.0, 2.0))
    assert np.isclose(twice, 2.0 * once)


def test_a_compound_that_is_not_taken_up_gives_none(ledger: EnergyLedger, rates: Array) -> None:
    assert ledger.atp_from("hxan_e", np.zeros_like(rates))[0] == 0.0


def test_source_of_a_process(model: CellModel) -> None:
    assert atp_source("ATP_from_glutamine", model.network) == "gln_e"
    assert atp_source("oxphos", model.network) == ""
