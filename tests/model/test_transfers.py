"""The way of atoms through reactions: what is forced, what rows say, what is reported as missing."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.errors import ModelError
from glutarium.knowledge.base import KnowledgeBase, load
from glutarium.knowledge.records import Reaction as ReactionRow
from glutarium.knowledge.tables import columns, parse_tables, read_table
from glutarium.model.atoms import ELEMENTS, Division, Node, Transfer, read_parts
from glutarium.model.ledger import Ledger
from glutarium.model.network import Network, load_network
from glutarium.model.transfers import Transfers, check_transfers, load_transfers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Rows = list[tuple[str, ...]]

_UNSAID = ("chebi", "kegg", "bigg", "synonyms", "note")
FORMULAS = {
    "atp": "C10N5", "adp": "C10N5", "amp": "C10N5", "nad": "C21N7", "nadh": "C21N7", "nr": "C11N2",
    "gln": "C5N2", "glu": "C5N", "akg": "C5", "oaa": "C4", "asp": "C4N", "pyr": "C3", "lac": "C3",
    "cit": "C6", "accoa": "C23N7", "coa": "C21N7", "co2": "C", "nh4": "N", "h2o": "O", "pi": "P",
    "prot": "C4.5N1.25", "gsh": "C3", "gssg": "C6",
}  # fmt: skip
PARTS: Rows = [
    *((["atp", "adp", "amp"][i], "C", "ribose:5;base:5", "ribose;base") for i in range(3)),
    *((["atp", "adp", "amp"][i], "N", "adenine:5", "adenine") for i in range(3)),
    ("nad", "C", "nad:21", "nad"),
    ("nadh", "C", "nad:21", "nad"),
    ("coa", "C", "coa:21", "coa"),
    ("accoa", "C", "coa:21;1;2", "coa"),
    ("oaa", "C", "1;2;3;4", ""),
    ("cit", "C", "1;2;3;4;5;6", ""),
    ("gln", "N", "amino;amide", ""),
    ("pyr", "C", "1;2;3", ""),
    ("lac", "C", "1;2;3", ""),
    ("gsh", "C", "a;b:2", ""),
    ("gssg", "C", "b:4;a:2", ""),
]


def make_base(
    folder: Path, equations: Mapping[str, str], rows: Sequence[tuple[str, ...]], parts: Rows
) -> KnowledgeBase:
    """Tables of a small network; ``rows`` are (reaction, element, donor, acceptor, atoms)."""
    base = KnowledgeBase(folder)
    source = ("Someone2020", "")
    _write(base, "transfers", tuple(columns(Transfer)), [(*r, *source) for r in rows])
    _write(base, "parts", tuple(columns(Division)), [(*r, *source) for r in parts])
    _write(
        base,
        "reactions",
        tuple(columns(ReactionRow)),
        [(i, i, e, "", "", "modular", "test", "Someone2020", "", "") for i, e in equations.items()],
    )
    _write(
        base,
        "metabolites",
        ("id", "name", "formula", "charge", "kind", "source", *_UNSAID),
        [(m, m, f, "0", "metabolite", "Someone2020", *[""] * 5) for m, f in FORMULAS.items()],
    )
    for name in ("kinetics", "modifiers", "pools", "fluxes", "constants"):
        header = load().paths(name)[0].read_text(encoding="utf-8").split("\n")[0]
        base.path(name).write_text(header + "\n", encoding="utf-8")
    return base


def _write(
    base: KnowledgeBase, table: str, header: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    text = "\n".join("\t".join(r) for r in (header, *rows))
    base.path(table).write_text(text + "\n", encoding="utf-8")


def trace(folder: Path, equation: str, *rows: tuple[str, ...], parts: Rows = PARTS) -> Transfers:
    """Transfers of one reaction ``R``."""
    base = make_base(folder, {"R": equation}, [("R", *row) for row in rows], parts)
    return load_transfers(base, load_network(base))


def findings(folder: Path, equation: str, *rows: tuple[str, ...], parts: Rows = PARTS) -> list[str]:
    """Findings of one reaction ``R``; rows name their reaction themselves."""
    base = make_base(folder, {"R": equation}, rows, parts)
    return [str(found) for found in check_transfers(base, load_network(base))]


def by_part(transfers: Transfers, element: str = "C") -> dict[tuple[str, str], float]:
    found: defaultdict[tuple[str, str], float] = defaultdict(float)
    for p in transfers.passages[element]:
        found[str(p.donor), str(p.acceptor)] += p.atoms
    return dict(found)


# ------------------------------------------------------------------------------- what is forced


def test_one_substrate_gives_everything(tmp_path: Path) -> None:
    found = trace(tmp_path, "prot_b + h2o_c -> 0.5 asp_c + 0.5 glu_c + 0.25 nh4_c")
    assert found.between("R", "C") == {("prot_b", "asp_c"): 2.0, ("prot_b", "glu_c"): 2.5}
    assert found.between("R", "N") == pytest.approx(
        {("prot_b", "asp_c"): 0.5, ("prot_b", "glu_c"): 0.5, ("prot_b", "nh4_c"): 0.25}
    )


def test_exchange_across_a_membrane_keeps_the_molecules_apart(tmp_path: Path) -> None:
    found = trace(tmp_path, "asp_m + glu_c + h2o_c -> asp_c + glu_m + h2o_m")
    assert found.between("R", "C") == {("asp_m", "asp_c"): 4.0, ("glu_c", "glu_m"): 5.0}
    assert found.between("R", "N") == {("asp_m", "asp_c"): 1.0, ("glu_c", "glu_m"): 1.0}


def test_a_divided_molecule_is_transported_part_by_part(tmp_path: Path) -> None:
    found = by_part(trace(tmp_path, "gln_e -> gln_c"), "N")
    assert found == {("gln_e[amino]", "gln_c[amino]"): 1.0, ("gln_e[amide]", "gln_c[amide]"): 1.0}


def test_cofactors_keep_their_skeleton(tmp_path: Path) -> None:
    found = trace(tmp_path, "pyr_c + nadh_c + 2 atp_c -> lac_c + nad_c + 2 adp_c")
    assert found.between("R", "C") == {
        ("nadh_c", "nad_c"): 21.0,
        ("atp_c", "adp_c"): 20.0,
        ("pyr_c", "lac_c"): 3.0,
    }
    assert by_part(found)["pyr_c[2]", "lac_c[2]"] == 1.0
    assert ("pyr_c[2]", "lac_c[1]") not in by_part(found)


def test_carriers_exchange_before_skeletons_pair_up(tmp_path: Path) -> None:
    found = trace(tmp_path, "atp_m + adp_c -> atp_c + adp_m")
    assert found.between("R", "C") == {("atp_m", "atp_c"): 10.0, ("adp_c", "adp_m"): 10.0}


def test_a_cofactor_that_is_built_in_gives_what_is_left(tmp_path: Path) -> None:
    found = trace(tmp_path, "nr_g + 2 atp_c -> nad_c + adp_c")
    assert found.between("R", "C") == {
        ("atp_c", "adp_c"): 10.0,
        ("atp_c", "nad_c"): 10.0,
        ("nr_g", "nad_c"): 11.0,
    }


def test_equal_parts_pair_by_name_whatever_their_order(tmp_path: Path) -> None:
    found = by_part(trace(tmp_path, "2 gsh_c -> gssg_c"))
    assert found == {("gsh_c[a]", "gssg_c[a]"): 2.0, ("gsh_c[b]", "gssg_c[b]"): 4.0}


def test_a_skeleton_that_two_could_take_is_not_forced(tmp_path: Path) -> None:
    (found,) = findings(
        tmp_path, "atp_c + oaa_c -> adp_c + amp_c", parts=[p for p in PARTS if p[1] == "C"]
    )[:1]
    assert "carbon" in found
    assert "adp_c[ribose] come from nowhere" in found


# ----------------------------------------------------------------------------------- what rows say


def test_transaminase(tmp_path: Path) -> None:
    found = trace(
        tmp_path, "oaa_m + glu_m -> asp_m + akg_m",
        ("C", "oaa_m", "asp_m", "4"), ("C", "glu_m", "akg_m", "5"),
    )  # fmt: skip
    assert found.between("R", "C") == {("oaa_m", "asp_m"): 4.0, ("glu_m", "akg_m"): 5.0}
    assert found.between("R", "N") == {("glu_m", "asp_m"): 1.0}


def test_one_row_may_leave_the_rest_forced(tmp_path: Path) -> None:
    found = trace(tmp_path, "oaa_m + glu_m -> asp_m + akg_m", ("C", "oaa_m", "asp_m", "4"))
    assert found.between("R", "C") == {("oaa_m", "asp_m"): 4.0, ("glu_m", "akg_m"): 5.0}


def test_brackets_pair_atoms_in_order(tmp_path: Path) -> None:
    found = by_part(
        trace(
            tmp_path, "accoa_m + oaa_m -> cit_m + coa_m",
            ("C", "oaa_m[4 3 2 1]", "cit_m[1 2 3 6]", "4"), ("C", "accoa_m[2 1]", "cit_m[4 5]", "2"),
        )
    )  # fmt: skip
    assert found == {
        ("oaa_m[4]", "cit_m[1]"): 1.0,
        ("oaa_m[3]", "cit_m[2]"): 1.0,
        ("oaa_m[2]", "cit_m[3]"): 1.0,
        ("oaa_m[1]", "cit_m[6]"): 1.0,
        ("accoa_m[2]", "cit_m[4]"): 1.0,
        ("accoa_m[1]", "cit_m[5]"): 1.0,
        ("accoa_m[coa]", "coa_m[coa]"): 21.0,
    }


def test_plus_joins_atoms_that_cannot_be_told_apart(tmp_path: Path) -> None:
    found = by_part(
        trace(
            tmp_path, "asp_c + gsh_c -> oaa_c + lac_c + nh4_c",
            ("C", "gsh_c[a b]", "lac_c[1 2+3]", "3"), ("C", "asp_c", "oaa_c[1+4 2+3]", "4"),
        )
    )  # fmt: skip
    assert found["gsh_c[b]", "lac_c[2]"] == found["gsh_c[b]", "lac_c[3]"] == 1.0
    assert found["asp_c", "oaa_c[3]"] == 1.0


@given(n=st.floats(0.01, 50.0))
def test_coefficients_are_real_numbers(n: float, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("real")
    found = trace(
        folder, f"{n:.6f} gln_c + akg_c -> {n:.6f} nh4_c + {n:.6f} glu_c + akg_m",
        ("N", "gln_c[amide]", "nh4_c", f"{n:.6f}"), ("N", "gln_c[amino]", "glu_c", f"{n:.6f}"),
    )  # fmt: skip
    assert found.between("R", "C")["gln_c", "glu_c"] == pytest.approx(5 * n, abs=1e-5)


# ---------------------------------------------------------------------------- what is reported


def test_a_missing_row_is_reported_with_the_line_of_the_reaction(tmp_path: Path) -> None:
    found = findings(tmp_path, "oaa_m + glu_m -> asp_m + akg_m")
    assert len(found) == 1
    assert "reactions.tsv, line 2" in found[0]
    assert "'R': carbon atoms" in found[0]
    assert "5 of glu_m go nowhere" in found[0]
    assert "4 of asp_m come from nowhere" in found[0]


def test_loading_raises_one_error_that_lists_everything(tmp_path: Path) -> None:
    equations = {"A": "oaa_m + glu_m -> asp_m + akg_m", "B": "gln_c -> glu_c + nh4_c"}
    base = make_base(tmp_path, equations, [], PARTS)
    with pytest.raises(ModelError, match="2 findings") as caught:
        load_transfers(base, load_network(base))
    assert "'A': carbon" in str(caught.value)
    assert "'B': nitrogen" in str(caught.value)


def test_a_lost_atom_is_reported(tmp_path: Path) -> None:
    assert "1 of oaa_c" in findings(tmp_path, "oaa_c -> pyr_c")[0]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("R", "C", "oaa_m", "asp_m", "5"), "1 atoms more than"),
        (("R", "C", "asp_m", "oaa_m", "4"), "'asp_m' is no substrate of 'R'"),
        (("R", "C", "oaa_m", "pyr_m", "4"), "'pyr_m' holds no carbon here"),
        (("R", "N", "oaa_m", "asp_m", "1"), "'oaa_m' holds no nitrogen here"),
        (("R", "C", "oaa_m[5]", "asp_m", "1"), "part '5' is not one of the parts of oaa_m"),
        (("R", "C", "oaa_m[]", "asp_m", "1"), "oaa_m (1, 2, 3, 4)"),
        (("R", "C", "oaa_m[1", "asp_m", "1"), "is not like cit_c"),
        (("R", "C", "oaa_m", "asp_m", "many"), "must be a finite number"),
        (("Q", "C", "oaa_m", "asp_m", "4"), "no reaction 'Q'"),
        (("R", "O", "oaa_m", "asp_m", "4"), "element must be one of C, N"),
    ],
)
def test_a_bad_row_is_reported_with_its_own_line(
    tmp_path: Path, row: tuple[str, ...], message: str
) -> None:
    good = ("R", "C", "glu_m", "akg_m", "5")
    found = findings(tmp_path, "oaa_m + glu_m -> asp_m + akg_m", good, row)
    assert any("transfers.tsv, line 3" in f and message in f for f in found)


def test_a_row_twice_is_reported(tmp_path: Path) -> None:
    row = ("R", "C", "oaa_m", "asp_m", "4")
    found = findings(tmp_path, "oaa_m + glu_m -> asp_m + akg_m", row, row)
    assert any("line 3" in f and "stands twice" in f for f in found)


def test_two_divided_molecules_without_brackets_are_reported(tmp_path: Path) -> None:
    row = ("R", "C", "oaa_c", "cit_c", "4")
    found = findings(tmp_path, "oaa_c + pyr_c -> cit_c + co2_c", row)
    assert any("say in brackets" in f for f in found)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (("pyr", "C", "1;2", ""), "add up to 3"),
        (("pyr", "C", "1;2;2", ""), "names must be unique"),
        (("pyr", "C", "1;2:two", ""), "'two' must be a number of atoms"),
        (("pyr", "C", "1;2;3", "core"), "skeleton"),
    ],
)
def test_a_bad_division_is_reported_once(
    tmp_path: Path, part: tuple[str, ...], message: str
) -> None:
    found = findings(tmp_path, "pyr_c -> pyr_m", parts=[part])
    assert len(found) == 1
    assert message in found[0]
    assert "parts.tsv, line 2" in found[0]


def test_a_division_twice_is_reported(tmp_path: Path) -> None:
    found = findings(tmp_path, "pyr_c -> pyr_m", parts=[("pyr", "C", "1;2;3", "")] * 2)
    assert len(found) == 1
    assert "parts.tsv, line 3" in found[0]


def test_missing_tables_are_findings(tmp_path: Path) -> None:
    base = make_base(tmp_path, {"R": "pyr_c -> lac_c"}, [], [])
    base.path("transfers").unlink()
    base.path("parts").unlink()
    found = [str(f) for f in check_transfers(base, load_network(base))]
    assert len(found) == 2
    assert all("is missing" in f for f in found)


# -------------------------------------------------------------------------- the packaged tables


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network(load())


@pytest.fixture(scope="module")
def packaged(network: Network) -> Transfers:
    return load_transfers(load(), network)


def test_the_packaged_tables_have_no_findings(network: Network) -> None:
    assert [str(f) for f in check_transfers(load(), network)] == []


@pytest.mark.parametrize("element", ELEMENTS)
def test_all_atoms_go_somewhere_and_come_from_somewhere(
    packaged: Transfers, network: Network, element: str
) -> None:
    given: defaultdict[tuple[str, str], float] = defaultdict(float)
    for p in packaged.passages[element]:
        assert p.atoms > 0
        given[p.reaction, p.donor.species] -= p.atoms
        given[p.reaction, p.acceptor.species] += p.atoms
    for reaction in network.reactions.values():
        for species, n in reaction.stoichiometry.items():
            atoms = n * network.substances[species].formula.get(element, 0.0)
            assert given[reaction.id, species] == pytest.approx(atoms, abs=1e-6), reaction.id


def test_every_part_is_filled_by_its_own_atoms(packaged: Transfers, network: Network) -> None:
    filled: defaultdict[tuple[str, Node], float] = defaultdict(float)
    for p in packaged.passages["C"]:
        filled[p.reaction, p.acceptor] += p.atoms
        filled[p.reaction, p.donor] += p.atoms
    for (reaction, node), atoms in filled.items():
        expected = abs(network.reactions[reaction].stoichiometry[node.species])
        assert atoms == pytest.approx(expected * packaged.atoms["C"][node], abs=1e-6), reaction


def test_rows_stand_only_where_the_mapping_is_not_forced(network: Network) -> None:
    base = load()
    rows, _ = parse_tables(base.paths("transfers"), Transfer)
    parts, errors = read_parts(base, network)
    assert not errors
    assert len(rows) > 50
    for place in dict.fromkeys((row.reaction, row.element) for row in rows):
        ledger = Ledger(network.reactions[place[0]], place[1], parts)
        ledger.fill([])
        assert ledger.open_ends(rows[0].location), f"{place} needs no row"


def test_rows_name_known_metabolites_and_sources() -> None:
    base = load()
    divisions = read_table(base.path("parts"), Division)
    assert [d.metabolite for d in divisions if d.metabolite not in base.metabolites] == []
    transfers, _ = parse_tables(base.paths("transfers"), Transfer)
    cited = [*(d.source for d in divisions), *(t.source for t in transfers)]
    assert {key for sources in cited for key in sources} <= set(base.sources)


@pytest.mark.parametrize(
    ("reaction", "element", "expected"),
    [
        ("GOT2", "C", {("oaa_m", "asp_m"): 4, ("glu_m", "akg_m"): 5}),
        ("GOT2", "N", {("glu_m", "asp_m"): 1}),
        ("GLS", "N", {("gln_m", "nh4_m"): 1, ("gln_m", "glu_m"): 1}),
        ("XCT", "C", {("cyx_e", "cyx_c"): 6, ("glu_c", "glu_e"): 5}),
        ("MCT4", "C", {("lac_c", "lac_e"): 3}),
        ("GSS", "N", {("ggc_c", "gsh_c"): 2, ("gly_c", "gsh_c"): 1, ("atp_c", "adp_c"): 5}),
    ],
)
def test_known_chemistry(
    packaged: Transfers, reaction: str, element: str, expected: dict[tuple[str, str], float]
) -> None:
    assert packaged.between(reaction, element) == pytest.approx(expected)


def test_where_the_atoms_of_a_purine_come_from(packaged: Transfers) -> None:
    """Along the chain from PRPP every atom of the ring enters from its true donor."""
    into = {("PPAT", "fgar_c"), ("PFAS", "aicar_c"), ("ATIC", "imp_c")}
    carbon: defaultdict[str, float] = defaultdict(float)
    nitrogen: defaultdict[str, float] = defaultdict(float)
    for reaction, product in into:
        for (donor, taker), n in by_part_of(packaged, reaction, "C").items():
            if taker == f"{product}[base]" and not donor.startswith(("fgar_c", "aicar_c")):
                carbon[donor] += n
        for (donor, taker), n in by_part_of(packaged, reaction, "N").items():
            if taker == product and not donor.startswith(("fgar_c", "aicar_c")):
                nitrogen[donor] += n
    assert carbon == {"gly_c[1]": 1.0, "gly_c[2]": 1.0, "fthf_c[1]": 2.0, "co2_e": 1.0}
    assert nitrogen == {"gln_c[amide]": 2.0, "gly_c": 1.0, "asp_c": 1.0}


def by_part_of(transfers: Transfers, reaction: str, element: str) -> dict[tuple[str, str], float]:
    return {
        (str(p.donor), str(p.acceptor)): p.atoms
        for p in transfers.passages[element]
        if p.reaction == reaction
    }


def follow(transfers: Transfers, start: Node, *reactions: str) -> dict[str, float]:
    """Where one carbon is after some reactions; carbon that a reaction does not touch waits."""
    where = {start: 1.0}
    for reaction in reactions:
        moved: defaultdict[Node, float] = defaultdict(float)
        ways = [p for p in transfers.passages["C"] if p.reaction == reaction]
        for node, amount in where.items():
            out = [p for p in ways if p.donor == node]
            whole = sum(p.atoms for p in out)
            for p in out:
                moved[p.acceptor] += amount * p.atoms / whole
            if not out:
                moved[node] += amount
        where = dict(moved)
    return {str(node): amount for node, amount in where.items()}


TURN = ("CS", "ACO2", "IDH3", "OGDH", "SCS", "SDH", "FH", "MDH2")


def test_the_first_turn_of_the_cycle_loses_no_carbon_of_acetyl(packaged: Transfers) -> None:
    for carbon in ("1", "2"):
        ends = follow(packaged, Node("accoa_m", carbon), *TURN)
        assert set(ends) <= {f"oaa_m[{i}]" for i in range(1, 5)}


def test_the_carboxyls_of_oxaloacetate_leave_as_co2(packaged: Transfers) -> None:
    for carbon in ("1", "4"):
        assert follow(packaged, Node("oaa_m", carbon), *TURN) == {"co2_e": 1.0}
    for carbon in ("2", "3"):
        ends = follow(packaged, Node("oaa_m", carbon), *TURN)
        assert sum(ends.values()) == pytest.approx(1.0)
        assert "co2_e" not in ends


def test_citrate_lyase_gives_back_what_citrate_synthase_took(packaged: Transfers) -> None:
    for place, species in (("c", "accoa"), ("c", "oaa")):
        for carbon in ("1", "2"):
            ends = follow(packaged, Node(f"{species}_m", carbon), "CS", "CIC", "ACLY")
            assert ends == {f"{species}_{place}[{carbon}]": 1.0}


def test_pyrimidine_synthesis_loses_the_carboxyl_of_aspartate(packaged: Transfers) -> None:
    route = ("ATC", "DHODH", "UMPS")
    assert follow(packaged, Node("asp_c", "1"), *route) == {"co2_e": 1.0}
    assert follow(packaged, Node("asp_c", "2"), *route) == {"utp_c": 1.0}
