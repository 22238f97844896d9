"""Dotted names of observables: what each family means, and what is said about wrong ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.errors import Location, UnknownNameError
from glutarium.names import Name, Observable, Vocabulary, families

VOCABULARY = Vocabulary(
    (
        Name("glutamine", "metabolite", ("gln", "Gln")),
        Name("aspartate", "metabolite", ("asp",)),
        Name("glucose", "metabolite", ("glc",)),
        Name("citrate", "metabolite"),
        Name("UMP", "metabolite"),
        Name("acetyl-CoA", "metabolite"),
        Name("glutathione", "metabolite", ("GSH",)),
        Name("glutathione disulfide", "metabolite", ("GSSG",)),
        Name("NAD+", "metabolite", ("NAD",)),
        Name("NADH", "metabolite"),
        Name("SLC1A5", "gene", ("ASCT2",)),
        Name("ATF4", "gene"),
        Name("VEGFA", "gene"),
        Name("DON", "drug"),
        Name("tumour", "cell", ("tumor",)),
        Name("cd8_effector", "cell", ("CTL",)),
        Name("gut", "organ", ("intestine",)),
        Name("plasma", "compartment", ("blood",)),
        Name("escaper", "clone"),
        Name("glycolysis", "process"),
        Name("oxphos", "process"),
        Name("mTORC1", "node"),
        Name("apoptosis", "fate"),
        Name("G1", "phase"),
        Name("IFNG", "factor", ("interferon gamma",)),
        Name("ROS", "pool"),
        Name("nucleotides", "pool", ("nucleotide",)),
        Name("tumour_volume", "index", ("tumour volume",)),
        Name("pH", "index"),
        Name("GSH_GSSG", "ratio"),
        Name("NAD_NADH", "ratio"),
        Name("PDH_to_glycolysis", "ratio"),
        Name("exposure_per_dose", "ratio"),
        Name("PGI", "reaction"),
        Name("18F-probe", "probe"),
    )
)


def parse(text: str) -> Observable:
    return Observable.parse(text, VOCABULARY)


def parts(text: str, *names: str) -> tuple[object, ...]:
    observable = parse(text)
    return tuple(getattr(observable, name) for name in names)


@pytest.mark.parametrize(
    ("text", "name", "unit"),
    [
        ("tumor.growth_rate", "tumour.growth_rate", "1/h"),
        ("CTL.killing", "cd8_effector.killing", "1"),
        ("tumour.pool.Gln", "tumour.pool.glutamine", "mM"),
        ("tumour.pool.asp_mitochondria", "tumour.pool.aspartate_mito", "mM"),
        ("tumour.pool.acetyl-CoA_cytosol", "tumour.pool.acetyl-CoA_cytosol", "mM"),
        ("tumour.pool.ROS_mitochondria", "tumour.pool.ROS_mito", "mM"),
        ("tumour.uptake.gln", "tumour.uptake.glutamine", "fmol/cell/h"),
        ("tumour.uptake.18F-probe", "tumour.uptake.18F-probe", "fmol/cell/h"),
        ("tumour.secretion.VEGFA", "tumour.secretion.VEGFA", "fmol/cell/h"),
        ("tumour.exchange.glc", "tumour.exchange.glucose", "mmol/gDW/h"),
        ("tumour.flux.ASCT2", "tumour.flux.SLC1A5", "mM/h"),
        ("gut.flux.glycolysis", "gut.flux.glycolysis", "mM/h"),
        ("tumour.reaction.PGI", "tumour.reaction.PGI", "mmol/gDW/h"),
        ("tumour.ratio.GSH_GSSG", "tumour.ratio.GSH_GSSG", "1"),
        ("tumour.ratio.NAD_NADH_mito", "tumour.ratio.NAD_NADH_mito", "1"),
        ("tumour.ratio.gln_to_asp", "tumour.ratio.glutamine_aspartate", "1"),
        ("tumour.ratio.PDH_to_glycolysis", "tumour.ratio.PDH_to_glycolysis", "1"),
        ("tumour.expression.ATF4_mRNA", "tumour.expression.ATF4_mRNA", "1"),
        ("tumour.activity.mtorc1", "tumour.activity.mTORC1", "1"),
        ("tumour.halflife.ATF4", "tumour.halflife.ATF4", "h"),
        ("tumour.time_to_half_max.ATF4_decay", "tumour.time_to_half_max.ATF4_decay", "h"),
        ("tumour.lag.oxphos_after_glycolysis", "tumour.lag.oxphos_after_glycolysis", "h"),
        ("tumour.fate.apoptosis", "tumour.fate.apoptosis", "1"),
        ("tumour.cell_cycle.g1_arrest", "tumour.cell_cycle.G1_arrest", "1"),
        ("tumour.cell_cycle.arrest", "tumour.cell_cycle.arrest", "1"),
        ("medium.glc", "medium.glucose", "mM"),
        ("tissue.glc", "tissue.glucose", "mM"),
        ("tissue.core.Gln", "tissue.core.glutamine", "mM"),
        ("tissue.edge.pH", "tissue.edge.pH", "pH"),
        ("tissue.DON", "tissue.DON", "uM"),
        ("tissue.IFNG", "tissue.IFNG", "uM"),
        ("tissue.tumour_volume", "tissue.tumour_volume", "mm3"),
        ("tissue.fraction.CTL", "tissue.fraction.cd8_effector", "1"),
        ("tissue.fraction.escaper", "tissue.fraction.escaper", "1"),
        ("body.blood.DON", "body.plasma.DON", "uM"),
        ("body.gut.gln", "body.gut.glutamine", "mM"),
        ("body.gut.rank.gln", "body.gut.rank.glutamine", "1"),
        ("body.plasma.fraction.gln", "body.plasma.fraction.glutamine", "1"),
        ("body.intestine_injury", "body.gut_injury", "1"),
        ("body.demand.gln", "body.demand.glutamine", "mmol/h"),
        ("body.ratio.DON_tumor_to_gut", "body.ratio.DON_tumour_to_gut", "1"),
        ("body.ratio.blood_asp_to_gln", "body.ratio.plasma_aspartate_to_glutamine", "1"),
        ("body.ratio.exposure_per_dose", "body.ratio.exposure_per_dose", "1"),
    ],
)
def test_observables_are_made_canonical(text: str, name: str, unit: str) -> None:
    observable = parse(text)
    assert (observable.name, observable.unit) == (name, unit)
    assert parse(observable.name) == observable


def test_a_pool_knows_its_cell_item_and_compartment() -> None:
    found = parts("tumour.pool.Gln_cytosol", "system", "place", "family", "item", "compartment")
    assert found == ("cell", "tumour", "pool", "glutamine", "cytosol")


def test_a_ratio_of_pools_knows_both_and_a_named_one_only_itself() -> None:
    assert parts("tumour.ratio.GSH_GSSG", "item", "other", "kind") == (
        "glutathione",
        "glutathione disulfide",
        "metabolite",
    )
    assert parts("tumour.ratio.NAD_NADH_mito", "item", "other", "compartment") == (
        "NAD+",
        "NADH",
        "mito",
    )
    assert parts("tumour.ratio.PDH_to_glycolysis", "item", "other", "kind") == (
        "PDH_to_glycolysis",
        "",
        "ratio",
    )


@pytest.mark.parametrize(
    ("text", "item", "element", "other", "position", "count"),
    [
        ("label.citrate_M5", "citrate", "", "", "", 5),
        ("label.citrate_M+5", "citrate", "", "", "", 5),
        ("label.UMP_N1", "UMP", "N", "", "", 1),
        ("label.citrate_from_glc", "citrate", "", "glucose", "", None),
        ("label.nucleotide_nitrogen_from_asp", "nucleotides", "N", "aspartate", "", None),
        ("label.UMP_nitrogens_from_amide", "UMP", "N", "", "amide", None),
        ("atoms.UMP_N_from_gln_amide", "UMP", "N", "glutamine", "amide", None),
        ("atoms.UMP_carbon_from_aspartate", "UMP", "C", "aspartate", "", None),
    ],
)
def test_labels_and_atoms_are_taken_apart(  # noqa: PLR0917  (one argument per part)
    text: str, item: str, element: str, other: str, position: str, count: int | None
) -> None:
    found = parts(f"tumour.{text}", "item", "element", "other", "position", "count")
    assert found == (item, element, other, position, count)


def test_isotopologues_may_be_of_one_compartment() -> None:
    found = parts("tumour.label.citrate_mitochondria_M5", "name", "item", "compartment", "count")
    assert found == ("tumour.label.citrate_mito_M5", "citrate", "mito", 5)


def test_two_spellings_of_one_observable_are_equal() -> None:
    assert parse("tumor.atoms.UMP_nitrogen_from_asp") == parse("tumour.atoms.UMP_N_from_aspartate")


def test_forms_are_kept_apart_from_the_gene() -> None:
    assert parts("tumour.expression.ATF4_mRNA", "item", "form") == ("ATF4", "mRNA")
    assert parts("tumour.expression.ASCT2", "item", "form") == ("SLC1A5", "")


@pytest.mark.parametrize(
    ("text", "unknown", "match"),
    [
        ("tumuor.growth_rate", "tumuor", "tumour"),
        ("mars.growth_rate", "mars", "tissue"),
        ("tumour.growth", "growth", "growth_rate"),
        ("tumour.pol.glutamine", "pol", "pool"),
        ("tumour.pool.glutamin", "glutamin", "glutamine"),
        ("tumour.pool", "tumour.pool", "tumour.pool.<metabolite>"),
        ("tumour.growth_rate.gln", "tumour.growth_rate.gln", "tumour.growth_rate"),
        ("tumour", "tumour", "tumour.<family>"),
        ("tissue", "tissue", "tissue.<name>"),
        ("body.gut", "body.gut", "body.gut.<name>"),
        ("body.moon.gln", "moon", "gut"),
        ("body.moon_injury", "moon", "gut"),
        ("tumour.flux.DON", "DON", "DON (drug)"),
        ("tumour.cell_cycle.G9_arrest", "G9", "G1"),
        ("tumour.ratio.gln_foo", "gln_foo", "GSH_GSSG"),
        ("tumour.label.citrate", "citrate", "<metabolite>_M<n>"),
        ("tumour.atoms.UMP", "UMP", "<product>_<element>_from_<donor>"),
        ("tumour.lag.oxphos", "oxphos", "<x>_after_<y>"),
        ("tissue.fraction.foo", "foo", "gut"),
        ("", "", "tissue"),
    ],
)
def test_wrong_names_are_answered_with_what_is_near(text: str, unknown: str, match: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        parse(text)
    assert caught.value.name == unknown
    assert any(match in found for found in caught.value.matches)


def test_the_message_ends_with_the_location() -> None:
    with pytest.raises(UnknownNameError, match=r"\(s\.yaml, line 3\)$"):
        Observable.parse("tumour.pool.x", VOCABULARY, location=Location("s.yaml", 3))


def test_every_family_has_a_pattern_and_a_unit() -> None:
    for family in families().values():
        assert family.pattern.startswith(f"<cell>.{family.name}")
        assert family.unit
        assert (family.shape == "none") == (not family.kinds)


@given(st.text(alphabet="abcNMS_.+019 ", max_size=25))
def test_any_text_behind_a_family_is_read_or_refused(tail: str) -> None:
    for family in families():
        text = f"tumour.{family}.{tail}"
        try:
            observable = parse(text)
        except UnknownNameError:
            continue
        assert parse(observable.name) == observable
