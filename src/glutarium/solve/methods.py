r"""Coefficients of the Rosenbrock methods, in the form that needs no product with the Jacobian.

One step from ``y`` at ``t`` with step ``h`` solves, for every stage ``i``,

.. math::

    (1/(h\gamma) - J)\, k_i = f(t + c_i h,\; y + \sum_j a_{ij} k_j)
        + \sum_j (c_{ij}/h)\, k_j + h d_i \, \partial f/\partial t

All methods here are stiffly accurate: the last stage is the error estimate and the new state is the last
stage's argument plus the last stage.

Sources: Rodas5P from Steinebach (BIT Numer. Math. 63:27, 2023), Rodas3 from Sandu et al. (Atmos. Environ.
31:3459, 1997). The tests check their orders on systems with known solutions.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["METHODS", "RODAS3", "RODAS5P", "Method"]

Row = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """One Rosenbrock method.

    Attributes
    ----------
    name
        Its name.
    order
        Order of the solution.
    error_order
        Order of the embedded solution that estimates the error.
    overestimate
        How much that estimate exceeds the error of the solution that is kept, at least: steps are accepted
        up to so many tolerances. Measured on the models of the benchmarks, where errors then stay below
        those of CVODE at the same tolerance.
    overestimate_inside
        The same for what is interpolated inside a step, which is of lower order.
    gamma
        Diagonal coefficient.
    a, c
        Stage coefficients, row ``i`` of length ``i``.
    times
        Where in the step each stage looks at time, a share of it.
    slopes
        Coefficients of the time derivative.
    dense
        Rows of the dense output; empty where there is none.
    """

    name: str
    order: int
    error_order: int
    overestimate: float
    overestimate_inside: float
    gamma: float
    a: tuple[Row, ...]
    c: tuple[Row, ...]
    times: Row
    slopes: Row
    dense: tuple[Row, ...] = ()

    @property
    def stages(self) -> int:
        """Number of stages."""
        return len(self.a)

    def repeats(self, i: int) -> bool:
        """Whether the second stage looks at state and time of the first, whose rates then serve both."""
        return i == 1 and not any(self.a[1]) and self.times[1] == self.times[0]


_LAST = (
    -7.502846399306121,
    2.561846144803919,
    -11.627539656261098,
    -0.18268767659942256,
    0.030198172008377946,
)

RODAS5P = Method(
    "Rodas5P",
    order=5,
    error_order=4,
    overestimate=6.0,
    overestimate_inside=3.0,
    gamma=0.21193756319429014,
    a=(
        (),
        (3.0,),
        (2.849394379747939, 0.45842242204463923),
        (-6.954028509809101, 2.489845061869568, -10.358996098473584),
        (2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641),
        _LAST,
        (*_LAST, 1.0),
        (*_LAST, 1.0, 1.0),
    ),
    c=(
        (),
        (-14.155112264123755,),
        (-17.97296035885952, -2.859693295451294),
        (147.12150275711716, -1.41221402718213, 71.68940251302358),
        (165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306),
        (
            24.854864614690072,
            -3.0009227002832186,
            47.4931110020768,
            5.5814197821558125,
            -0.6610691825249471,
        ),
        (
            30.91273214028599,
            -3.1208243349937974,
            77.79954646070892,
            34.28646028294783,
            -19.097331116725623,
            -28.087943162872662,
        ),
        (
            37.80277123390563,
            -3.2571969029072276,
            112.26918849496327,
            66.9347231244047,
            -40.06618937091002,
            -54.66780262877968,
            -9.48861652309627,
        ),
    ),
    times=(
        0.0,
        0.6358126895828704,
        0.4095798393397535,
        0.9769306725060716,
        0.4288403609558664,
        1.0,
        1.0,
        1.0,
    ),
    slopes=(
        0.21193756319429014,
        -0.42387512638858027,
        -0.3384627126235924,
        1.8046452872882734,
        2.325825639765069,
        0.0,
        0.0,
        0.0,
    ),
    dense=(
        (
            25.948786856663858,
            -2.5579724845846235,
            10.433815404888879,
            -2.3679251022685204,
            0.524948541321073,
            1.1241088310450404,
            0.4272876194431874,
            -0.17202221070155493,
        ),
        (
            -9.91568850695171,
            -0.9689944594115154,
            3.0438037242978453,
            -24.495224566215796,
            20.176138334709044,
            15.98066361424651,
            -6.789040303419874,
            -6.710236069923372,
        ),
        (
            11.419903575922262,
            2.8879645146136994,
            72.92137995996029,
            80.12511834622643,
            -52.072871366152654,
            -59.78993625266729,
            -0.15582684282751913,
            4.883087185713722,
        ),
    ),
)
"""Eight stages, order five, with dense output: for everything from 1e-4 down."""

RODAS3 = Method(
    "Rodas3",
    order=3,
    error_order=2,
    overestimate=4.0,
    overestimate_inside=4.0,
    gamma=0.5,
    a=((), (0.0,), (2.0, 0.0), (2.0, 0.0, 1.0)),
    c=((), (4.0,), (1.0, -1.0), (1.0, -1.0, -8.0 / 3.0)),
    times=(0.0, 0.0, 1.0, 1.0),
    slopes=(0.5, 1.5, 0.0, 0.0),
)
"""Four stages, order three, without dense output: for short spans at loose tolerances."""

METHODS = {m.name.lower(): m for m in (RODAS5P, RODAS3)}
"""Name → method."""
