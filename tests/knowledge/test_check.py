"""The checker finds each kind of fault, and nothing in sound tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glutarium.knowledge.check import check

if TYPE_CHECKING:
    from tests.knowledge.conftest import Spoil


def test_sound_tables_have_no_findings(spoil: Spoil) -> None:
    assert check(spoil()) == []


@pytest.mark.parametrize(
    ("table", "old", "new", "where", "what"),
    [
        ("pools", "4|1|20", "x|1|20", "pools.tsv, line 2", "finite number"),
        ("pools", "mM|measured", "|measured", "pools.tsv, line 2", "'unit'"),
        ("pools", "mM|measured", "mMol|measured", "pools.tsv, line 2", "'mMol', which is unknown"),
        ("pools", "mM|measured", "h|measured", "pools.tsv, line 2", "concentration or content"),
        ("fluxes", "mmol/gDW/h", "mM/h", "fluxes.tsv, line 2", "must be a flux"),
        ("media", "mM|measured", "fold|measured", "media.tsv, line 2", "must be a concentration"),
        ("kinetics", "4|mM", "4|1/h", "kinetics.tsv, line 2", "concentration or content"),
        ("alterations", "fold|borrowed", "mM|borrowed", "alterations.tsv, line 2", "be a fold"),
        ("pools", "Own2026|B|S0-001", "No2000|B|S0-001", "pools.tsv, line 2", "'No2000'"),
        ("claims", "S0-002|Muir2017", "S0-002|No2000", "claims.tsv, line 3", "'No2000'"),
        ("pools", "B|S0-001", "B|S9-999", "pools.tsv, line 2", "claim 'S9-999'"),
        ("drugs", "S0-002", "S9-999", "drugs.tsv, line 2", "claim 'S9-999'"),
        ("pools", "gln_c|4", "gln_q|4", "pools.tsv, line 2", "must end in a compartment"),
        ("pools", "gln_c|4", "foo_c|4", "pools.tsv, line 2", "there is no 'foo'"),
        ("media", "gln_e", "foo_e", "media.tsv, line 2", "there is no 'foo'"),
        ("modifiers", "glu_m/gln_m", "glu_m/foo_m", "modifiers.tsv, line 2", "no 'foo'"),
        (
            "drug_targets",
            "reversible|ki",
            "reversible|ki:foo_c",
            "drug_targets.tsv, line 2",
            "no 'foo'",
        ),
        ("reactions", "glu_m + nh4_m", "glu_m + foo_m", "reactions.tsv, line 2", "no 'foo'"),
        ("reactions", "gln_m + h2o_m", "gln_m", "reactions.tsv, line 2", "H +2, O +1"),
        ("reactions", "glu_m + nh4_m", "gln_m", "reactions.tsv, line 2", "cancels out"),
        ("reactions", "nh4_m|GLS", "nh4_m|GLX", "reactions.tsv, line 2", "gene 'GLX'"),
        ("reactions", "nh4_m|GLS", "nh4_m|GLS:0.5", "reactions.tsv, line 2", "add up to 1"),
        ("metabolites", "C5H10N2O3", "C5H10N2O3?", "metabolites.tsv, line 2", "Formula"),
        ("metabolites", "H4N|1", "|1", "metabolites.tsv, line 4", "no formula"),
        ("kinetics", "GLS|km", "GLX|km", "kinetics.tsv, line 2", "reaction 'GLX'"),
        ("kinetics", "km:gln_m", "km:gln_c", "kinetics.tsv, line 2", "takes no part"),
        ("fluxes", "GLS|0.13", "GLX|0.13", "fluxes.tsv, line 2", "reaction 'GLX'"),
        ("processes", "GLS|1", "GLX|1", "processes.tsv, line 2", "reaction 'GLX'"),
        ("groups", "gln;glu", "gln;foo", "groups.tsv, line 2", "member 'foo'"),
        ("groups", "SLC1A5", "SLC1A5;FOO", "groups.tsv, line 3", "member 'FOO'"),
        ("ratios", "uptake.glutamine", "uptaking.glutamine", "ratios.tsv, line 2", "uptake"),
        ("screen", "GLS|0.02", "GLX|0.02", "screen.tsv, line 2", "no such reaction"),
        ("screen", "0.02|1", "0.02|mMol", "screen.tsv, line 2", "unknown unit 'mMol'"),
        ("screen", "medium|gln_e", "medium|foo_e", "screen.tsv, line 3", "no 'foo'"),
        ("media", "RPMI-1640", "DMEM", "media.tsv, line 2", "medium 'DMEM'"),
        ("nodes", "|input|", "|intake|", "nodes.tsv, line 2", "kind 'intake' is none of"),
        ("nodes", "|input|1", "|input|2", "nodes.tsv, line 2", "rests at 0 or 1"),
        ("sensors", "plenty|gln_c", "plenty|foo_c", "sensors.tsv, line 2", "no 'foo'"),
        ("sensors", "plenty|gln_c", "growth|gln_c", "sensors.tsv, line 2", "of kind sensor"),
        ("sensors", "|activate|", "|raise|", "sensors.tsv, line 2", "kind 'raise' is none of"),
        ("edges", "growth|GLS", "groth|GLS", "edges.tsv, line 2", "'groth' is no node"),
        ("edges", "growth|GLS", "growth|plenty", "edges.tsv, line 2", "gene or protein as target"),
        ("edges", "transcription", "transposition", "edges.tsv, line 2", "'transposition' is none"),
        ("edges", "n|0.5|2|", "n|1.5|2|", "edges.tsv, line 2", "either side of 1"),
        ("edges", "n|0.5|2|1.5|3|1||", "n|0.5|2|1.5|3|1|0.2|", "edges.tsv, line 2", "threshold"),
        ("edges", "|1||||", "|1||||moon:T", "edges.tsv, line 2", "context 'moon:T' is none"),
        ("edges", "|1||||", "|1||||lineage:T", "edges.tsv, line 2", "no lineage of groups.tsv"),
        ("edges", "|1||||", "|1||||cell:foo", "edges.tsv, line 2", "'foo'"),
        ("drug_targets", "CB-839", "BPTES", "drug_targets.tsv, line 2", "drug 'BPTES'"),
        ("drug_targets", "|GLS|", "|GLX|", "drug_targets.tsv, line 2", "'GLX'"),
        (
            "drug_targets",
            "|reversible|",
            "|slow|",
            "drug_targets.tsv, line 2",
            "mode 'slow' is none",
        ),
        ("drug_targets", "|ki|", "|koff|", "drug_targets.tsv, line 2", "reversible needs 'ki'"),
        ("drug_targets", "|reversible|", "|induces|", "drug_targets.tsv, line 2", "needs an input"),
        ("physiology", "growth_rate", "growth", "physiology.tsv, line 2", "growth_rate"),
        ("alterations", "MYC|GLS", "MYC|GLX", "alterations.tsv, line 2", "gene or handle 'GLX'"),
        ("alterations", "MYC|GLS", "FOO|GLS", "alterations.tsv, line 2", "genotype 'FOO'"),
        ("genes", "SLC1A5", "GLS|HGNC:1|x||Own2026|\nSLC1A5", "genes.tsv, line 3", "line 2"),
        ("metabolites", "NH3", "Gln", "", "'Gln' does not lead to metabolite"),
        ("sources", "title = {Own estimate}", "title = {", "sources.bib, line 12", "Own2026"),
    ],
)
def test_a_fault_is_found_where_it_is(  # noqa: PLR0917  (a fault has so many parts)
    spoil: Spoil, table: str, old: str, new: str, where: str, what: str
) -> None:
    findings = check(spoil(table, old, new))
    assert any(where in str(found.location) and what in found.message for found in findings), (
        "\n".join(map(str, findings))
    )


def test_a_missing_table_hides_no_other_fault(spoil: Spoil) -> None:
    base = spoil("pools", "mM|measured", "mMol|measured")
    base.path("genes").unlink()
    messages = [found.message for found in check(base)]
    assert any("'genes.tsv' is missing" in message for message in messages)
    assert any("'mMol'" in message for message in messages)


def test_several_faults_of_one_table_come_in_order(spoil: Spoil) -> None:
    base = spoil("pools", "mM|measured", "mMol|measured")
    path = base.path("pools")
    path.write_text(path.read_text(encoding="utf-8").replace("psi_x", "psi_q"), encoding="utf-8")
    lines = [found.location.line for found in check(base)]
    assert lines == [2, 3, 3]  # the last row: no such compartment, so no such unit either


def test_only_the_modular_law_is_held_to_its_partners(spoil: Spoil) -> None:
    base = spoil("kinetics", "km:gln_m", "km:gln_c")
    path = base.path("reactions")
    text = path.read_text(encoding="utf-8").replace("3.5.1.2\tmodular", "3.5.1.2\tsynthesis")
    path.write_text(text, encoding="utf-8")
    assert check(base) == []
