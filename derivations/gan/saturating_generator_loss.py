"""The saturating generator loss, and its gradient in the generator's parameters.

L_G = E log(1 - D(G(z))), in nats, with D = s(h) the probability that the discriminator
gives to "real". The gradient is taken in one coordinate theta_j; h and G are undefined
functions, and the chain rule runs through the n outputs of G.

Main results
  saturating_generator_gradient           the document's chain, with its middle lines
  saturating_generator_gradient_by_rules  the same first line, and rules alone

Limits: exact under hypothesis I for h(G) (see `softplus_lipschitz`). Without it the
first step is false: `derivations.gan.interchange_fails`.

Reference: Goodfellow et al., "Generative Adversarial Nets", 2014, section 3.
"""

from __future__ import annotations

from sympy import Derivative, Sum, log

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.gan.setting import D, dh, image, j, logit, m, n, noise, theta
from derivations.gan.softplus_lipschitz import softplus_lipschitz


@derivation
def saturating_generator_gradient():
    """dL_G/dtheta_j = -E[s(h) dh/dtheta_j], unfolded through the outputs of G."""
    yield Derivative(E(log(1 - D), noise), theta[j])
    yield (
        E(Derivative(log(1 - D), theta[j]), noise),
        rules.interchange(softplus_lipschitz),
    )
    yield (
        E(1 / (1 - D) * (D * (D - 1)) * dh, noise),
        rules.differentiate,
        (
            r"\frac{1}{1 - \sigma(h)} \cdot \sigma(h) (\sigma(h) - 1) "
            r"\cdot \frac{dh}{d\theta}"
        ),
    )
    yield -E(D * dh, noise)
    through = Sum(
        Derivative(logit, image[m]) * Derivative(image[m], theta[j]), (m, 1, n)
    )
    yield -E(D * through, noise), rules.differentiate


@derivation
def saturating_generator_gradient_by_rules():
    """The same gradient, the closed form made by the rules."""
    yield Derivative(E(log(1 - D), noise), theta[j])
    yield rules.interchange(softplus_lipschitz), rules.differentiate
