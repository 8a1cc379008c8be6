"""The non-saturating generator loss, and its gradient in the generator's parameters.

L_NS = -E log D(G(z)), in nats. Its integrand's slope is -(1 - D) dh, where the
saturating loss has -D dh: the factor tends to 1, not to 0, as D -> 0. It is attenuated
nowhere that matters, and it is nowhere large: its size is below 1.

Main results
  nonsaturating_generator_gradient           dL_NS/dtheta_j = -E[(1 - D) dh/dtheta_j]
  nonsaturating_generator_gradient_by_rules  the same first line, and rules alone
  slopes_stand_in_ratio                      the two integrands' slopes: ratio e^h
  factor_below_one, factor_tends_to_one      0 < 1 - s < 1, and 1 - s -> 1 as h -> -oo

Limits: the gradient under hypothesis I for h(G) (see `softplus_lipschitz`). The ratio
is one of integrands, not of expectations: `cancelling_gradients`.

Reference: Goodfellow et al., "Generative Adversarial Nets", 2014, section 3.
"""

from __future__ import annotations

from sympy import Derivative, Limit, S, Symbol, exp, log, oo

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.functions import sigmoid
from derivations.gan.setting import D, dh, j, noise, theta, x
from derivations.gan.softplus_lipschitz import log_sigmoid_lipschitz
from derivations.line import at_most

slope = Symbol("c", real=True, nonzero=True)


@derivation
def nonsaturating_generator_gradient():
    """dL_NS/dtheta_j = -E[(1 - D) dh/dtheta_j]."""
    yield Derivative(-E(log(D), noise), theta[j])
    yield -Derivative(E(log(D), noise), theta[j]), rules.differentiate
    yield (
        -E(Derivative(log(D), theta[j]), noise),
        rules.interchange(log_sigmoid_lipschitz),
    )
    yield (
        -E(1 / D * (D * (1 - D)) * dh, noise),
        rules.differentiate,
        (
            r"-\frac{1}{\sigma(h)} \cdot \sigma(h) (1 - \sigma(h)) "
            r"\cdot \frac{dh}{d\theta}"
        ),
    )
    yield -E((1 - D) * dh, noise)


@derivation
def nonsaturating_generator_gradient_by_rules():
    """The same gradient, the closed form made by the rules."""
    yield Derivative(-E(log(D), noise), theta[j])
    yield rules.differentiate
    yield rules.interchange(log_sigmoid_lipschitz), rules.differentiate


@derivation
def slopes_stand_in_ratio():
    """-s(h) dh over -(1 - s(h)) dh is e^h, wherever dh is not 0."""
    yield (-sigmoid(x) * slope) / (-(1 - sigmoid(x)) * slope)
    yield exp(x), rules.definition


@derivation
def slopes_of_the_losses_stand_in_ratio():
    """The slopes in h of log(1 - s(h)) and of -log s(h) are in the ratio e^h."""
    yield Derivative(log(1 - sigmoid(x)), x)
    yield (
        exp(x) * Derivative(-log(sigmoid(x)), x),
        rules.differentiate,
        rules.definition,
    )


@derivation
def factor_below_one():
    """1 - s(h) <= 1 for every logit: no slope of this loss exceeds |dh|."""
    yield 1 - sigmoid(x)
    yield sigmoid(-x), rules.definition
    yield at_most(1), rules.monotone(sigmoid(-x) <= 1)


@derivation
def factor_tends_to_one():
    """1 - s(h) -> 1 as h -> -oo: the slope is not attenuated there."""
    yield Limit(1 - sigmoid(x), x, -oo)
    yield S.One, rules.limit
