"""The negative log-likelihood of a Bernoulli decoder, its gradient and its Hessian.

The decoder gives a logit h_i for each of n outputs, and the target x_i is a pixel: 0, 1
or a grey between them. Where the textbook has log s and log(1 - s), the form to compute
with has two softpluses: log(1 - s(h)) is -oo in float64 from h = 37 on. For x_i in
[0, 1] both terms are nonnegative.

The slope in h_i is s(h_i) - x_i. That subtracts numbers that agree wherever the decoder
is right: for x_i = 1 nothing is left from h_i = 37 on. It is the difference of
(1 - x_i) s(h_i) and x_i s(-h_i) too. One of these is 0 for a target of 0 or 1, and for
a grey they cancel only near its optimum, where any form does.

Main results
  bernoulli_nll                  sum of x_i softplus(-h_i) + (1 - x_i) softplus(h_i)
  bernoulli_likelihood           the same, from the product of probabilities
  bernoulli_nll_slope_in_logit   (1 - x_j) s(h_j) - x_j s(-h_j)
  bernoulli_nll_slope_in_target  -h_j
  bernoulli_nll_of_...           the second derivatives, 0 for two different outputs

Limits: an identity for every real x_i; a likelihood for x_i in {0, 1}. For a grey it is
a cross-entropy, and no density (Loaiza-Ganem and Cunningham, 2019). In nats, summed.

Reference: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, appendix C.1.
"""

from __future__ import annotations

from sympy import (
    Derivative,
    Expr,
    Indexed,
    IndexedBase,
    KroneckerDelta,
    Product,
    S,
    Sum,
    Symbol,
    log,
)

from derivations import rules
from derivations.chain import Derivation, derivation
from derivations.functions import has_named, sigmoid, softplus
from derivations.vae.setting import i, j, l

n = Symbol("n", integer=True, positive=True)
every = (i, 1, n)
h = IndexedBase("h", real=True)
x = IndexedBase("x", real=True)
same = KroneckerDelta(j, l)


@derivation
def bernoulli_nll():
    """-log p(x | h) in nats, from the logits h and the targets x."""
    white = -x[i] * log(sigmoid(h[i]))
    black = -(1 - x[i]) * log(1 - sigmoid(h[i]))
    yield Sum(white + black, every)
    stable = x[i] * softplus(-h[i]) + (1 - x[i]) * softplus(h[i])
    yield Sum(stable, every), rules.definition, rules.logarithms


@derivation
def bernoulli_likelihood():
    """-log of the product of s(h_i) for a 1 and s(-h_i) = 1 - s(h_i) for a 0."""
    outcome = sigmoid(h[i]) ** x[i] * sigmoid(-h[i]) ** (1 - x[i])
    yield -log(Product(outcome, every))
    logs = x[i] * log(sigmoid(h[i])) + (1 - x[i]) * log(sigmoid(-h[i]))
    yield -Sum(logs, every), rules.logarithms
    yield bernoulli_nll.rhs, rules.definition, rules.logarithms


def slope(
    coordinate: Indexed, value: Expr, where: str, *more: rules.Rule
) -> Derivation:
    """The chain from the derivative of the textbook form in `coordinate` to `value`."""

    def chain():
        yield Derivative(bernoulli_nll.lhs, coordinate)
        yield value, rules.differentiate, rules.definition, *more

    chain.__name__ = f"bernoulli_nll_slope_in_{where}"
    chain.__doc__ = f"The derivative of -log p(x | h) in {coordinate}, in nats."
    return derivation(chain)


def entry(row: Indexed, column: Indexed, value: Expr, where: str) -> Derivation:
    """The chain from the derivative in `row` and `column` to the diagonal `value`."""

    unfolded = (rules.definition,) if has_named(value) else ()

    def chain():
        yield Derivative(bernoulli_nll.lhs, row, column)
        yield same * value, rules.differentiate, *unfolded

    chain.__name__ = f"bernoulli_nll_of_{where}"
    chain.__doc__ = f"The derivative of -log p(x | h) in {row} and {column}, in nats."
    return derivation(chain)


bernoulli_nll_slope_in_logit = slope(
    h[j], (1 - x[j]) * sigmoid(h[j]) - x[j] * sigmoid(-h[j]), "logit"
)
bernoulli_nll_slope_in_target = slope(x[j], -h[j], "target", rules.logarithms)
bernoulli_nll_of_logit_logit = entry(
    h[j], h[l], sigmoid(h[j]) * sigmoid(-h[j]), "logit_logit"
)
bernoulli_nll_of_logit_target = entry(h[j], x[l], -S.One, "logit_target")
bernoulli_nll_of_target_target = entry(x[j], x[l], S.Zero, "target_target")
