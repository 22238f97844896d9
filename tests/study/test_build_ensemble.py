"""The ensemble is what its provenance says, and can be made again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.errors import ModelError
from glutarium.model.calibrate.draw import Draw
from glutarium.model.ensemble import (
    DATA,
    REFERENCE_MEDIUM,
    Ensemble,
    load_ensemble,
    save_ensemble,
    tables_hash,
)
from glutarium.model.member import calibrate
from glutarium.simulate.model import medium_of
from glutarium.study.build_ensemble import base_model, build, evaluate, tumours, with_members

if TYPE_CHECKING:
    from pathlib import Path

    from glutarium.study.build_ensemble import Candidate


@pytest.fixture(scope="module")
def shipped() -> Ensemble:
    plain = base_model()
    return load_ensemble(plain.spec, plain.base, plain.network)


@pytest.fixture(scope="module")
def first(shipped: Ensemble) -> dict[int | None, Candidate]:
    """The first candidates, drawn again: the recorded values, one draw kept and one not."""
    drawn = [None, *range(1, shipped.provenance["drawn"])]
    seeds = shipped.provenance["seeds"]
    kept = next(s for s in drawn[1:] if s in seeds)
    dropped = next(s for s in drawn[1:] if s not in seeds)
    return {seed: evaluate(seed) for seed in (None, kept, dropped)}


def test_there_are_enough_members(shipped: Ensemble) -> None:
    assert len(shipped) >= 16
    assert np.isfinite(shipped.parameters).all()
    assert np.isfinite(shipped.initial).all()
    assert len(np.unique(shipped.parameters, axis=0)) == len(shipped)


def test_provenance_accounts_for_every_draw(shipped: Ensemble) -> None:
    about = shipped.provenance
    stages = about["stages"]
    assert set(stages) <= {"infeasible", "unstable", "unphysiological", "restless", "kept"}
    assert sum(stages.values()) == about["drawn"]
    assert stages["kept"] == len(shipped) == len(about["seeds"])
    assert len(about["selected"]) == len(about["judged"]) == len(shipped)
    # The last candidate that was drawn is the last that was kept; the recorded values come first.
    numbers = [seed for seed in about["seeds"] if seed is not None]
    assert numbers == sorted(numbers)
    assert numbers[-1] == about["first_seed"] + about["drawn"] - 2


def test_the_whole_screen_is_within_its_targets(shipped: Ensemble) -> None:
    """The judging half has no say in what is kept, so this can fail; then a mechanism is missing."""
    about = shipped.provenance
    both = [*about["selected"], *about["judged"]]
    least = base_model().network.constants["screen.share"].value
    assert np.mean([share for share, _ in both]) >= least


def test_every_member_keeps_its_atp_in_the_half_that_judges(shipped: Ensemble) -> None:
    assert all(alive for _, alive in shipped.provenance["judged"])


def test_members_passed_the_half_that_selects(shipped: Ensemble) -> None:
    least = base_model().network.constants["screen.share"].value
    assert all(share >= least and alive for share, alive in shipped.provenance["selected"])


def test_a_draw_comes_as_far_as_it_did(
    shipped: Ensemble, first: dict[int | None, Candidate]
) -> None:
    seeds = shipped.provenance["seeds"]
    stages = {seed: candidate.stage == "kept" for seed, candidate in first.items()}
    assert stages == {seed: seed in seeds for seed in first}
    assert all(c.reason for c in first.values() if c.stage != "kept")


def test_a_kept_draw_is_the_member_that_is_shipped(
    shipped: Ensemble, first: dict[int | None, Candidate]
) -> None:
    seeds = shipped.provenance["seeds"]
    for seed, candidate in first.items():
        if candidate.stage != "kept":
            continue
        assert candidate.member is not None
        row = seeds.index(seed)
        again = Ensemble.from_members(base_model().spec, [candidate.member], {})
        np.testing.assert_allclose(again.parameters[0], shipped.parameters[row], rtol=1e-6)
        np.testing.assert_allclose(again.initial[0], shipped.initial[row], rtol=1e-6)
        assert list(candidate.selected) == shipped.provenance["selected"][row]
        assert list(candidate.judged) == shipped.provenance["judged"][row]


def test_building_starts_with_the_recorded_values_and_counts() -> None:
    told: list[tuple[int | None, int]] = []
    built = build(1, workers=1, progress=lambda c, n: told.append((c.seed, n)))
    assert [c.seed for c in built.kept] == [None]
    assert built.drawn == 1
    assert dict(built.stages) == {"kept": 1}
    assert told == [(None, 1)]
    plain = base_model()
    assert built.provenance["tables"] == tables_hash(plain.base, plain.network)
    json.dumps(built.provenance)


def test_cancers_with_alterations_and_low_oxygen_must_come_to_rest() -> None:
    """A member swung as lymphoma with MYC; each kind is asked for once."""
    model = base_model()
    oxygen = {plan.name: plan.rest.medium["o2_e"] for plan in tumours(model)}
    assert len(oxygen) == len(tumours(model))
    air = oxygen["tumour"]
    for name in ("B-cell lymphoma", "B-cell lymphoma and MYC", "MYC and KRAS"):
        assert oxygen[name] == air
    for name in ("tumour", "B-cell lymphoma", "MYC"):
        assert 0.0 < oxygen[f"{name} and low oxygen"] < 0.1 * air


def rewritten(path: Path, **changed: object) -> Path:
    """The shipped file with some of its provenance changed."""
    with np.load(DATA) as stored:
        arrays = {name: stored[name] for name in stored.files}
    about = json.loads(str(arrays["provenance"])) | changed
    np.savez_compressed(path, **{**arrays, "provenance": np.array(json.dumps(about))})
    return path


def test_an_ensemble_of_other_tables_is_refused(tmp_path: Path) -> None:
    plain = base_model()
    path = rewritten(tmp_path / "old.npz", tables="0123456789abcdef")
    with pytest.raises(ModelError, match=r"other tables.*glutarium ensemble build"):
        load_ensemble(plain.spec, plain.base, plain.network, path)


def test_an_ensemble_that_is_not_there_is_said(tmp_path: Path) -> None:
    plain = base_model()
    with pytest.raises(ModelError, match=r"nothing\.npz.*glutarium ensemble build"):
        load_ensemble(plain.spec, plain.base, plain.network, tmp_path / "nothing.npz")


def test_what_is_saved_is_read_again(tmp_path: Path, first: dict[int | None, Candidate]) -> None:
    plain = base_model()
    member = first[None].member
    assert member is not None
    path = tmp_path / "one.npz"
    about = {
        "tables": tables_hash(plain.base, plain.network),
        "regulation": plain.network.regulation.digest,
        "seeds": [7],
    }
    save_ensemble(path, [member], about)
    again = load_ensemble(plain.spec, plain.base, plain.network, path)
    expected = Ensemble.from_members(plain.spec, [member], {})
    assert np.array_equal(again.parameters, expected.parameters)
    assert np.array_equal(again.initial, expected.initial)
    assert again.provenance["seeds"] == [7]


def test_the_first_members_are_the_first_rows(shipped: Ensemble) -> None:
    assert np.array_equal(shipped.first(2).parameters, shipped.parameters[:2])
    assert len(shipped.first(1000)) == len(shipped)


def test_values_that_give_no_cell_say_why() -> None:
    plain = base_model()
    medium = medium_of(plain.base, plain.network, REFERENCE_MEDIUM)
    found = calibrate(plain.spec, plain.network, medium, Draw(None))
    none = replace(found, member=None, reason="no fluxes balance all pools")
    with pytest.raises(ModelError, match=r"give no cell: no fluxes balance all pools"):
        with_members(plain, none)
