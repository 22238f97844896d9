"""A generated network of any size, made of the parts that stiff cell models are made of.

Metabolites form a branched flow graph of reversible and irreversible convenience kinetics. They share
conserved cofactor pools (ATP/ADP/AMP, NAD(H), NADP(H), CoA), are regulated by Hill terms with integer
and with real exponents, and stand beside phosphorylation cascades with feedback (seconds) and
mRNA and protein (hours to days). A daily rhythm drives the inflow and a drug is absorbed from a depot.

Every capacity is chosen so that a drawn state of rest is a state of rest of the network, hence nothing
runs away; members start away from it, with log-normal parameters. The base of a real power is
``sqrt(x^2 + tiny)``, so that every simulator sees a guarded model.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from glutarium.model.expr import Expr, Number, Symbol, as_expr, evaluate, product, total
from glutarium.model.spec import Flux, ModelSpec, Observable, Parameter, State

if TYPE_CHECKING:
    from glutarium.kernel import Array

__all__ = ["generated_spec", "members"]

TINY = 1e-18
SIGMA = 0.3
NEAR = 6
"""How far down the line a metabolite's products lie; fixed, so that large networks are not denser."""
COFACTORS = {"atp": 2.5, "adp": 0.5, "amp": 0.1, "nad": 0.8, "nadh": 0.1}
COFACTORS |= {"nadp": 0.05, "nadph": 0.15, "coa": 0.2, "accoa": 0.1}
PAIRS = (("atp", "adp"), ("nad", "nadh"), ("nadph", "nadp"), ("coa", "accoa"))


@dataclass
class _Builder:
    """Collects states, parameters and reactions, and knows the state of rest."""

    rng: np.random.Generator
    rest: dict[str, float] = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)
    fluxes: list[Flux] = field(default_factory=list)
    direct: dict[str, Expr] = field(default_factory=dict)

    def state(self, name: str, rest: float) -> str:
        self.rest[name] = rest
        return name

    def parameter(self, name: str, value: float) -> Symbol:
        self.values[name] = float(value)
        return Symbol(name)

    def near(self, name: str, value: float) -> Symbol:
        """A constant within half a decade of a value."""
        return self.parameter(name, value * 10 ** self.rng.uniform(-0.5, 0.5))

    def react(self, name: str, law: Expr, flux: float, sides: dict[str, float]) -> None:
        """Add a reaction whose capacity gives a flux at the state of rest."""
        unit = evaluate(law, self.values | self.rest)
        capacity = self.parameter(f"vmax.{name}", flux / unit)
        self.fluxes.append(Flux(name, capacity * law, capacity * law, sides))

    def hill(self, name: str, of: str, *, rises: bool) -> Expr:
        """Activation or inhibition by a state, with an exponent that may be real."""
        n = float(self.rng.choice([2.0, 4.0, 1.7, 2.6]))
        k = self.near(f"k.{name}", self.rest[of])
        if n in (2.0, 4.0):
            x, top = Symbol(of) ** n, k**n
        else:
            h = self.parameter(f"h.{name}", n)
            x, top = (Symbol(of) ** 2 + TINY) ** (h / 2.0), k**h
        return x / (top + x) if rises else top / (top + x)


def generated_spec(size: int = 150, seed: int = 1) -> ModelSpec:
    """A network with a number of states (at least 40); the same arguments give the same network."""
    b = _Builder(np.random.default_rng([size, seed]))
    rhythm = _rhythm(b)
    drug = _drug(b)
    pools = [_cofactors(b, k) for k in range(max(1, size // 75))]
    cascades = max(1, size // 50)
    genes = size // 15
    count = size - len(b.rest) - 10 * cascades - 2 * genes
    metabolites = [b.state(f"m{i}", 10 ** b.rng.uniform(-2.5, 0.5)) for i in range(count)]
    signals = [_cascade(b, k, _part(metabolites, k, cascades)) for k in range(cascades)]
    enzymes = [
        _gene(b, k, _part(signals, k, genes), _part(metabolites, k, genes)) for k in range(genes)
    ]
    used = _pathways(b, metabolites, pools, enzymes, (rhythm, drug))
    for k, names in enumerate(pools):
        _regenerate(b, k, names, used)
    return _assemble(b, size)


def _part(names: list[str], k: int, parts: int) -> list[str]:
    """Names of one neighbourhood, so that large networks are not denser than small ones."""
    size = max(1, len(names) // parts)
    start = k * len(names) // parts
    return names[start : start + size]


def _rhythm(b: _Builder) -> Expr:
    """A daily rhythm as a pair of states that stay positive: a circle around the mean."""
    rate = b.parameter("rhythm.rate", 2.0 * np.pi / 24.0)
    mean = b.parameter("rhythm.mean", 1.0)
    b.state("rhythm_x", 1.4)
    b.state("rhythm_y", 1.0)
    b.direct["rhythm_x"] = rate * (mean - Symbol("rhythm_y"))
    b.direct["rhythm_y"] = rate * (Symbol("rhythm_x") - mean)
    return Symbol("rhythm_x")


def _drug(b: _Builder) -> Expr:
    """A depot that empties into a central volume; what it leaves of an enzyme."""
    b.state("depot", 1.0)
    b.state("central", 0.1)
    b.react("absorb", Symbol("depot"), 0.3, {"depot": -1.0, "central": 1.0})
    b.react("clear", Symbol("central"), 0.05, {"central": -1.0})
    return 1.0 / (1.0 + Symbol("central") / b.parameter("ki.drug", 0.2))


def _cofactors(b: _Builder, k: int) -> dict[str, str]:
    return {name: b.state(f"{name}_{k}", value) for name, value in COFACTORS.items()}


def _cascade(b: _Builder, k: int, metabolites: list[str]) -> str:
    """Five kinases, each activated by the one before; the last one slows the first."""
    size, seconds = 5, 3600.0
    names = [(f"kin{k}_{i}", f"kin{k}_{i}p") for i in range(size)]
    for off, on in names:
        share = b.rng.uniform(0.2, 0.6)
        b.state(off, 1.0 - share)
        b.state(on, share)
    source: Expr = b.hill(f"signal{k}", str(b.rng.choice(metabolites)), rises=True)
    weak = b.parameter(f"k.feedback{k}", 3.0 * b.rest[names[-1][1]])
    source = source / (1.0 + (Symbol(names[-1][1]) / weak) ** 2)
    for i, (off, on) in enumerate(names):
        turnover = seconds * 10 ** b.rng.uniform(-2.5, 0.5)
        up = source * _saturated(b, f"up{k}_{i}", off)
        b.react(f"up{k}_{i}", up, turnover, {off: -1.0, on: 1.0})
        b.react(f"down{k}_{i}", _saturated(b, f"down{k}_{i}", on), turnover, {off: 1.0, on: -1.0})
        source = Symbol(on)
    return names[-1][1]


def _saturated(b: _Builder, name: str, of: str) -> Expr:
    return Symbol(of) / (b.near(f"km.{name}.{of}", 2.0 * b.rest[of]) + Symbol(of))


def _gene(b: _Builder, k: int, signals: list[str], metabolites: list[str]) -> str:
    """Transcription by a signal, translation, and decay over hours and days."""
    mrna, protein = b.state(f"mrna{k}", 1.0), b.state(f"prot{k}", 1.0)
    of = str(b.rng.choice(signals if k % 2 else metabolites))
    loss, decay = np.log(2) / b.rng.uniform(0.5, 8.0), np.log(2) / b.rng.uniform(5.0, 40.0)
    basal = b.parameter(f"basal{k}", 0.2)
    b.react(f"transcribe{k}", basal + b.hill(f"gene{k}", of, rises=bool(k % 3)), loss, {mrna: 1.0})
    b.react(f"lose{k}", Symbol(mrna), loss, {mrna: -1.0})
    b.react(f"translate{k}", Symbol(mrna), decay, {protein: 1.0})
    b.react(f"degrade{k}", Symbol(protein), decay, {protein: -1.0})
    return protein


def _pathways(
    b: _Builder,
    metabolites: list[str],
    pools: list[dict[str, str]],
    enzymes: list[str],
    drive: tuple[Expr, Expr],
) -> dict[str, float]:
    """Let flow run from the first metabolites to the last; what each cofactor loses on the way."""
    n, rng = len(metabolites), b.rng
    entries = max(2, n // 12)
    through = np.zeros(n)
    used: dict[str, float] = {}
    for i, name in enumerate(metabolites):
        if i < entries or not through[i]:
            inflow = 10 ** rng.uniform(-0.5, 1.0)
            b.react(f"in{i}", drive[0], inflow, {name: 1.0})
            through[i] += inflow
        later = np.arange(i + 1, min(n, i + 1 + NEAR))
        targets = rng.choice(later, min(len(later), int(rng.integers(1, 3))), replace=False)
        leak = through[i] * (0.05 if len(targets) else 1.0)
        b.react(f"leak{i}", Symbol(name), leak, {name: -1.0})
        shares: list[float] = []
        if len(targets):
            shares = rng.dirichlet(np.ones(len(targets)) * 2.0).tolist()
        for j, share in zip(targets, shares, strict=True):
            flux = (through[i] - leak) * share
            through[j] += flux
            pair = PAIRS[int(rng.integers(4))] if rng.random() < 0.35 else None
            pool = pools[i * len(pools) // n]
            law, sides = _step(b, (name, metabolites[j]), pair and (pool[pair[0]], pool[pair[1]]))
            if rng.random() < 0.25:
                law = law * b.hill(
                    f"reg{i}_{j}", _regulator(rng, metabolites, i), rises=rng.random() < 0.5
                )
            if rng.random() < 0.2:
                law = law * Symbol(enzymes[i * len(enzymes) // n])
            if rng.random() < 0.05:
                law = law * drive[1]
            b.react(f"r{i}_{j}", law, flux, sides)
            if pair:
                used[pool[pair[0]]] = used.get(pool[pair[0]], 0.0) + flux
    return used


def _regulator(rng: np.random.Generator, metabolites: list[str], i: int) -> str:
    """A metabolite of the neighbourhood: regulation is local, whatever the size of the network."""
    return metabolites[int(np.clip(i + rng.integers(-2 * NEAR, 2 * NEAR), 0, len(metabolites) - 1))]


def _step(
    b: _Builder, ends: tuple[str, str], pair: tuple[str, str] | None
) -> tuple[Expr, dict[str, float]]:
    """Convenience kinetics of ``a (+ cofactor) -> b (+ cofactor')``, reversible in half of the cases."""
    name = "_".join(ends)
    left, right = [ends[0]], [ends[1]]
    if pair:
        left.append(pair[0])
        right.append(pair[1])
    s = [Symbol(x) / b.near(f"km.{name}.{x}", b.rest[x]) for x in left]
    p = [Symbol(x) / b.near(f"km.{name}.{x}", b.rest[x]) for x in right]
    top = product(s)
    if b.rng.random() < 0.5:
        rest = b.values | b.rest
        forward = evaluate(product(s), rest)
        rho = b.rng.uniform(0.05, 0.9)
        back = b.parameter(f"back.{name}", rho * forward / evaluate(product(p), rest))
        top = top - back * product(p)
    bottom = product(1.0 + x for x in s) + product(1.0 + x for x in p) - 1.0
    return top / bottom, {x: -1.0 for x in left} | {x: 1.0 for x in right}


def _regenerate(b: _Builder, k: int, names: dict[str, str], used: dict[str, float]) -> None:
    """Give every cofactor back what the pathways took, and equilibrate the adenylates."""
    for spent, fresh in ((y, x) for x, y in PAIRS):
        x, y = names[spent], names[fresh]
        if y in used:
            law = _saturated(b, f"recharge_{y}", x)
            b.react(f"recharge_{y}", law, used[y], {x: -1.0, y: 1.0})
    atp, adp, amp = names["atp"], names["adp"], names["amp"]
    forward = Symbol(adp) ** 2
    ratio = b.rest[atp] * b.rest[amp] / b.rest[adp] ** 2
    keq = b.parameter(f"keq.kinase{k}", ratio)
    law = as_expr(b.parameter(f"basal.kinase{k}", 1.0)) * (
        forward - Symbol(atp) * Symbol(amp) / keq
    )
    fast = b.parameter(f"speed.kinase{k}", 1e4)
    sides = {adp: -2.0, atp: 1.0, amp: 1.0}
    b.fluxes.append(Flux(f"kinase{k}", fast * law, fast * law, sides))


def _assemble(b: _Builder, size: int) -> ModelSpec:
    states = tuple(
        State(
            id=name,
            name=name,
            unit="mM",
            initial=rest,
            atol=1e-6 * max(rest, 1e-3),
            direct=b.direct.get(name, Number(0.0)),
            compartment="x" if name in b.direct else "c",
            positive=name not in b.direct,
        )
        for name, rest in b.rest.items()
    )
    shown = [Observable(f"pool.{s}", Symbol(s), "mM") for s in list(b.rest)[:40]]
    shown += [Observable(f"flux.{f.id}", f.extent, "mM/h") for f in b.fluxes[:9]]
    several = total(Symbol(s) for s in list(b.rest)[:40])
    return ModelSpec(
        name=f"generated_{size}",
        states=states,
        parameters=tuple(Parameter(name, value, "1") for name, value in b.values.items()),
        assignments=tuple((name, Symbol(f"state:{name}")) for name in b.rest),
        fluxes=tuple(b.fluxes),
        observables=(*shown, Observable("pool.several", several, "mM")),
    )


def members(spec: ModelSpec, count: int, seed: int = 2) -> tuple[Array, Array]:
    """States and parameters of an ensemble, shapes ``(count, n_states)`` and ``(count, n_parameters)``.

    The first member is nominal in its parameters. Exponents and the rhythm stay as they are.
    """
    rng = np.random.default_rng(seed)
    p = np.tile([x.value for x in spec.parameters], (count, 1))
    y = np.tile([s.initial for s in spec.states], (count, 1))
    fixed = [x.id.startswith(("h.", "rhythm")) for x in spec.parameters]
    factors = rng.lognormal(0.0, SIGMA, p.shape)
    factors[0] = 1.0
    factors[:, fixed] = 1.0
    kept = [s.compartment == "x" for s in spec.states]
    away = rng.lognormal(0.0, SIGMA, y.shape)
    away[:, kept] = 1.0
    return y * away, p * factors
