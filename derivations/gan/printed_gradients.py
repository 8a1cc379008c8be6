"""What exercise 1 states and what is false, as chains that must be refuted.

Each chain is the document's step, read at the smallest example that shows its fault:
the lines before the last are proved, the last one is the document's. The examples are
worked out in `derivations.gan`; what is true instead stands beside them in
`exercise_1`.

Main results
  printed_gradient_at_most_output, printed_small_output_small_gradient   claim 1.08
  printed_interchange, printed_interchange_heavy_tailed   claim 1.13
  printed_limit_as_equality             claim 1.16
  printed_derivative_at_most_output, printed_very_small_derivative   claim 1.17
  printed_slope_of_size_one, printed_large_derivative   claim 1.19

Limits: none of them is to be cited. Reference: the homework, exercise 1.
"""

from __future__ import annotations

from sympy import Abs, Derivative, Limit, Rational, S, Symbol, exp, log, oo

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.functions import sigmoid
from derivations.gan.interchange_fails import heavy_tailed_slope, quantised_loss
from derivations.gan.setting import D, dh, noise, x
from derivations.line import at_most

positive = Symbol("theta", positive=True)
theta, n = Symbol("theta", real=True), Symbol("n", real=True)


@derivation
def printed_gradient_at_most_output():
    """False: with h(x) = x and G = log theta, |dL_G/dtheta| is at most the output D."""
    yield Abs(Derivative(log(1 - sigmoid(log(positive))), positive))
    yield 1 / (1 + positive), rules.differentiate, rules.definition
    yield at_most(positive / (1 + positive))


@derivation
def printed_small_output_small_gradient():
    """False: with h(x) = x and G = log theta, D -> 0 gives dL_G/dtheta -> 0."""
    yield Limit(Derivative(log(1 - sigmoid(log(positive))), positive), positive, 0)
    yield (
        Limit(-1 / (1 + positive), positive, 0),
        rules.differentiate,
        rules.definition,
    )
    yield S.Zero, rules.limit, r"\frac{d}{d\theta} L_G(\theta; \phi) \approx 0"


@derivation
def printed_interchange():
    """False: for h = c (2 1[z < theta] - 1) the inside gives 0, L_G' is not 0."""
    yield Derivative(quantised_loss.lhs, theta)
    yield Derivative(quantised_loss.rhs, theta), quantised_loss
    yield (
        S.Zero,
        rules.interchange,
        r"E_{z \sim N(0,1)}\left[\frac{d}{d\theta} "
        r"\log[1 - \sigma(h_\phi(G_\theta(z)))]\right]",
    )


@derivation
def printed_interchange_heavy_tailed():
    """False at theta = 0 in `heavy_tailed_loss`: -1, where the inside gives 0."""
    yield heavy_tailed_slope.lhs
    yield (
        S.Zero,
        rules.interchange,
        rules.substitute({theta: 0}),
        r"E_{u}\left[\frac{d}{d\theta} \log[1 - \sigma(h)]\right]",
    )


@derivation
def printed_limit_as_equality():
    """False: the expectation of -s(h) dh equals 0, because s(h) tends to 0."""
    yield -E(D * dh, noise)
    yield (
        S.Zero,
        rules.limit,
        r"E_{z \sim N(0,1)}\left[\frac{1}{1-0} \cdot 0(0-1) \cdot "
        r"\frac{d}{d\theta} [h_\phi(G_\theta(z))]\right] = 0",
    )


@derivation
def printed_derivative_at_most_output():
    """False: of h_n = -n + sin(2 e^n theta)/2, |dL_G/dtheta| has the bound of D."""
    yield 1 / (1 + exp(-n))
    yield at_most(exp(Rational(1, 2) - n))


@derivation
def printed_very_small_derivative():
    """False: h_n = -n + sin(2 e^n theta)/2 -> -oo, so -1/(1 + e^-n) -> 0."""
    yield Limit(-1 / (1 + exp(-n)), n, oo)
    yield S.Zero, rules.limit


@derivation
def printed_slope_of_size_one():
    """False: the slope of -log s(h) in h has the size 1, so is -1 or less."""
    yield Derivative(-log(sigmoid(x)), x)
    yield -(1 - sigmoid(x)), rules.differentiate
    yield at_most(-1)


@derivation
def printed_large_derivative():
    """False: the slope of -log s(h) is unbounded as h -> -oo, so 1/slope -> 0."""
    yield Limit(1 / Derivative(-log(sigmoid(x)), x), x, -oo)
    yield Limit(-1 / (1 - sigmoid(x)), x, -oo), rules.differentiate
    yield S.Zero, rules.limit
