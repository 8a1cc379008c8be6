"""The softplus is 1-Lipschitz, so hypothesis I carries over from the logit to the losses.

Hypothesis I at theta: h(G_a(z)) is measurable in z for a near theta; the loss is finite at
theta; outside one null set of z, the same for all a, h(G_a(z)) is differentiable at theta
and |h(G_a(z)) - h(G_theta(z))| <= M(z) |a - theta| for all a near theta, with E M < oo.

log(1 - s(h)) = -softplus(h) and log s(h) = -softplus(-h) are differentiable functions of
h, so they inherit measurability and differentiability; the bound they inherit is what is
derived here. Under I, then, a loss may be differentiated under its expectation: the
difference quotients are dominated by M (Billingsley, "Probability and Measure", theorem
16.8).
"""

from __future__ import annotations

from sympy import Abs, Symbol

from derivations import rules
from derivations.chain import at_most, derivation
from derivations.expectation import E
from derivations.functions import sigmoid, softplus
from derivations.laws import Uniform

a, b, x, u = (Symbol(name, real=True) for name in "abxu")
between = sigmoid(b + u * (a - b))


@derivation
def softplus_lipschitz():
    """|softplus(a) - softplus(b)| <= |a - b| for real logits a, b."""
    yield Abs(softplus(a) - softplus(b))
    yield Abs(E(between * (a - b), Uniform(u))), rules.mean_value(softplus(x), x, b, a, u)
    yield E(between * Abs(a - b), Uniform(u))  # the sigmoid is positive
    yield at_most(E(Abs(a - b), Uniform(u))), rules.monotone(between <= 1)
    yield Abs(a - b), rules.linearity
