"""The tables that come with the package: sound, and rich enough for every name that studies use."""

from __future__ import annotations

from pathlib import Path

import pytest

from glutarium.knowledge.base import load
from glutarium.knowledge.check import check
from glutarium.knowledge.describe import describe
from glutarium.knowledge.vocabulary import vocabulary
from glutarium.names import CONDITION_KINDS, Observable, Target

HERE = Path(__file__).parent
OBSERVABLES = (HERE / "study_observables.txt").read_text(encoding="utf-8").split("\n")[:-1]
NAMES = [
    tuple(line.split("\t"))
    for line in (HERE / "study_names.tsv").read_text(encoding="utf-8").splitlines()[1:]
]


def test_packaged_tables_have_no_findings() -> None:
    findings = check(load())
    assert not findings, "\n".join(map(str, findings))


@pytest.mark.parametrize("text", OBSERVABLES)
def test_every_observable_of_the_studies_parses(text: str) -> None:
    observable = Observable.parse(text, vocabulary())
    assert Observable.parse(observable.name, vocabulary()) == observable
    assert observable.unit


@pytest.mark.parametrize(("key", "name"), NAMES)
def test_every_name_of_the_studies_resolves_to_itself(key: str, name: str) -> None:
    if key == "gene":
        assert Target.parse(name, vocabulary()).name == name
        return
    entry = vocabulary().entry(name, CONDITION_KINDS.get(key, (key,)))
    assert name in entry.spellings


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Gln", "glutamine"),
        ("L-glutamine", "glutamine"),
        ("CHEBI:18050", "glutamine"),
        ("ASCT2", "SLC1A5"),
        ("α-ketoglutarate", "alpha-ketoglutarate"),
        ("telaglenastat", "CB-839"),
        ("NRF2", "NFE2L2"),
        ("RPMI", "RPMI-1640"),
        ("Treg", "treg"),
        ("OXPHOS", "oxphos"),
    ],
)
def test_common_synonyms_are_known(text: str, name: str) -> None:
    assert vocabulary().resolve(text) == name


def test_all_claims_of_the_reviews_are_there() -> None:
    claims = load().claims
    assert len(claims) == 1932
    assert {claim.id[:2] for claim in claims} == {"S0", "S1", "S2", "S3"}
    assert claims["S0-028"].statement == "GLS converts glutamine to glutamate."


@pytest.mark.parametrize("kind", ["metabolite", "gene", "drug", "medium", "reaction", "genotype"])
def test_everything_of_a_kind_can_be_described(kind: str) -> None:
    for entry in vocabulary().of_kind(kind)[:20]:
        assert str(describe(entry.name, kind=kind)).startswith(f"{entry.name} ({kind})")


def test_glutaminase_shows_numbers_reactions_drugs_and_claims() -> None:
    found = describe("GLS", kind="gene")
    assert {"reaction", "drug"} <= {relation.kind for relation in found.relations}
    assert found.facts
    assert found.claims
    assert found.sources
