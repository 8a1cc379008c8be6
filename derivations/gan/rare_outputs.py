"""That D is rarely above eps is not enough for a small gradient.

u is uniform on (0, 1). With probability 1/n the logit is n theta, elsewhere it is -M.
At theta = 0 the output is 1/2 on the first event and s(-M) elsewhere, where the slope
is 0. The event's probability goes to 0, its slope n to infinity, and the gradient is
-1/2 for all n.

Main results
  rare_outputs_loss      the loss in closed form, so that no interchange is needed
  rare_outputs_gradient  -s(n theta), which is -1/2 at theta = 0, for every n and M

Limits: the slopes n 1[u < 1/n] have no integrable bound for all n at once. Reference:
Billingsley, "Probability and Measure", 1995, section 16.
"""

from __future__ import annotations

from sympy import Derivative, Integral, Piecewise, Rational, Symbol

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.functions import sigmoid, softplus
from derivations.laws import Uniform

u, theta, M = (Symbol(name, real=True) for name in ("u", "theta", "M"))
n = Symbol("n", integer=True, positive=True)
rare, usual = -softplus(n * theta), -softplus(-M)


@derivation
def rare_outputs_loss():
    """L_G = -E softplus(h) = -softplus(n theta)/n - (1 - 1/n) softplus(-M)."""
    h = Piecewise((n * theta, u < 1 / n), (-M, True))
    yield E(-softplus(h), Uniform(u))
    yield Integral(rare, (u, 0, 1 / n)) + Integral(usual, (u, 1 / n, 1)), rules.pieces
    yield (
        rare / n + (1 - 1 / n) * usual,
        rules.antiderivative(rare * u),
        rules.antiderivative(usual * u),
    )


@derivation
def rare_outputs_gradient():
    """dL_G/dtheta = -s(n theta), so it is -1/2 at theta = 0, for every n."""
    yield Derivative(rare / n + (1 - 1 / n) * usual, theta)
    yield -sigmoid(n * theta), rules.differentiate
    yield -Rational(1, 2), rules.substitute({theta: 0})
