"""The softplus is 1-Lipschitz: hypothesis I carries over from logit to losses.

Hypothesis I at theta: h(G_a(z)) is measurable in z for a near theta; the loss is finite
at theta; outside one null set of z, the same for all a, h(G_a(z)) is differentiable at
theta and |h(G_a(z)) - h(G_theta(z))| <= M(z) |a - theta| for all a near theta, with E M
< oo.

log(1 - s(h)) = -softplus(h) and log s(h) = -softplus(-h) are differentiable functions
of h, so they inherit measurability and differentiability; the bound they inherit is
what is derived here. Under I, then, a loss may be differentiated under its expectation:
the difference quotients are dominated by M (Billingsley, "Probability and Measure",
theorem 16.8).

Main results
  softplus_lipschitz     for log(1 - s(h)), the saturating loss
  log_sigmoid_lipschitz  for log s(h), the other loss and the discriminator's

Limits: none, for real logits.
"""

from __future__ import annotations

from sympy import Abs, Symbol, log

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.functions import sigmoid, softplus
from derivations.laws import Uniform
from derivations.line import at_most

a, b, x, u = (Symbol(name, real=True) for name in "abxu")
between = sigmoid(b + u * (a - b))
reflected = sigmoid(-b - u * (a - b))


@derivation
def softplus_lipschitz():
    """|softplus(a) - softplus(b)| <= |a - b| for real logits a, b."""
    yield Abs(softplus(a) - softplus(b))
    yield (
        Abs(E(between * (a - b), Uniform(u))),
        rules.mean_value(softplus(x), x, b, a, u),
    )
    yield E(between * Abs(a - b), Uniform(u))  # the sigmoid is positive
    yield at_most(E(Abs(a - b), Uniform(u))), rules.monotone(between <= 1)
    yield Abs(a - b), rules.linearity


@derivation
def log_sigmoid_lipschitz():
    """|log s(a) - log s(b)| <= |a - b| for real logits a, b."""
    yield Abs(log(sigmoid(a)) - log(sigmoid(b)))
    yield (
        Abs(E(1 - between, Uniform(u)) * (a - b)),
        rules.mean_value(log(sigmoid(x)), x, b, a, u),
    )
    yield (
        at_most(E(reflected * Abs(a - b), Uniform(u))),
        rules.triangle,
        rules.definition,
    )
    yield at_most(E(Abs(a - b), Uniform(u))), rules.monotone(reflected <= 1)
    yield Abs(a - b), rules.linearity
