"""Every stage can be read."""

from __future__ import annotations

import pytest

from glutarium.compile import STAGES, dump
from glutarium.errors import CompileError
from glutarium.machine import object_code
from glutarium.model.expr import Symbol, product
from glutarium.model.spec import Flux, ModelSpec, Observable, Parameter, State


@pytest.fixture
def enzyme() -> ModelSpec:
    gln = Symbol("gln_c")
    rate = Symbol("vmax.GLS") * gln / (Symbol("km.GLS.gln_c") + gln)
    return ModelSpec(
        "enzyme",
        tuple(State(s, s, "mM", 1.0, 1e-9) for s in ("gln_c", "glu_c")),
        (Parameter("vmax.GLS", 2.0, "mM/h"), Parameter("km.GLS.gln_c", 0.5, "mM")),
        tuple((s, Symbol(f"state:{s}")) for s in ("gln_c", "glu_c")),
        (Flux("GLS", rate, rate, {"gln_c": -1.0, "glu_c": 1.0}),),
        (Observable("flux.GLS", rate, "mM/h"),),
    )


def test_spec_shows_equations(enzyme: ModelSpec) -> None:
    text = dump(enzyme, "spec")
    assert "d state:glu_c/dt = 1 * (+1 extent:GLS) + 0" in text
    assert "parameter km.GLS.gln_c = 0.5 mM" in text


def test_ir_shows_shared_values(enzyme: ModelSpec) -> None:
    text = dump(enzyme, "ir")
    assert "d state:glu_c/dt := rate:GLS" in text
    assert "flux.GLS := rate:GLS" in text
    assert text.count("1/") == 1


def test_code_names_biology(enzyme: ModelSpec) -> None:
    text = dump(enzyme, "code")
    assert '%"rate:GLS" = fmul double' in text
    assert '%"km.GLS.gln_c" = load double' in text
    assert all(f"define void @{name}(" in text for name in ("prep", "rhs", "jacobian", "observe"))


def test_jacobian_shows_every_entry(enzyme: ModelSpec) -> None:
    text = dump(enzyme, "jacobian")
    entries = [line.split(" = ")[0] for line in text.splitlines() if line.startswith("d(d ")]
    assert entries == [
        "d(d gln_c/dt)/d gln_c",
        "d(d glu_c/dt)/d gln_c",
        "d(d glu_c/dt)/d glu_c",
    ]
    assert "rate:GLS = " in text


def test_unknown_stage_lists_the_known_ones(enzyme: ModelSpec) -> None:
    with pytest.raises(CompileError, match="spec, ir, code, jacobian, lu"):
        dump(enzyme, "magic")
    assert tuple(STAGES) == ("spec", "ir", "code", "jacobian", "lu")


def test_lu_shows_the_order_of_elimination_with_names(enzyme: ModelSpec) -> None:
    lines = dump(enzyme, "lu").splitlines()
    assert lines[:4] == [
        "unknowns 2: states 2, shared quantities 0",
        "entries 1: given 1, fill 0",
        "operations before the full block 0",
        "full block 0",
    ]
    assert [line.split() for line in lines[5:]] == [
        ["sum", "0", "0", "0", "gln_c"],
        ["0", "1", "0", "0", "glu_c"],
    ]


def test_lu_adds_up(network: ModelSpec) -> None:
    lines = dump(network, "lu").splitlines()
    rows = [line.split() for line in lines[5:]]
    assert {row[-1] for row in rows} == {*network.state_ids, "mass"}
    assert sum(int(row[1]) for row in rows) == int(lines[1].split()[1].rstrip(":"))
    assert sum(int(row[2]) for row in rows) == int(lines[1].split()[-1])
    full = int(lines[3].split()[-1])
    assert [row[3] == "full" for row in rows] == [i >= len(rows) - full for i in range(len(rows))]
    counted = sum(int(row[3]) for row in rows if row[3] != "full")
    assert counted == int(lines[2].split()[-1])


def test_odd_names_survive() -> None:
    odd = ['a "quoted" \\ βname', *(f".{i}" for i in range(40, 200)), "y", "d", "entry"]
    spec = ModelSpec(
        odd[0],
        (
            State(
                "x",
                "x",
                "mM",
                1.0,
                1e-9,
                direct=product(Symbol("state:x") + Symbol(n) for n in odd),
            ),
        ),
        tuple(Parameter(name, 1.0, "1") for name in odd),
        (),
        (),
        (),
    )
    assert object_code(dump(spec, "code"))
