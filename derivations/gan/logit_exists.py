"""A discriminator with values in (0, 1) is the sigmoid of a logit: its log odds.

So the document's step from D to s(h) loses nothing, once D attains neither 0 nor 1.

Main results
  logit_exists      L_G = E log(1 - D) = E log(1 - s(h)), with h := log(D/(1 - D))
  logit_of_number   the same for one number of (0, 1)

Limits: where D = 0 the logit is -oo; where D = 1 the loss is. Reference: Goodfellow et
al., "Generative Adversarial Nets", 2014, section 3.
"""

from __future__ import annotations

from sympy import Eq, Function, log

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.functions import sigmoid
from derivations.gan.setting import image, noise, x
from derivations.gan.sigmoid_bijection import odds

discriminator, logit = Function("D", real=True), Function("h", real=True)
D = discriminator(image)
log_odds = Eq(logit(x), log(discriminator(x) / (1 - discriminator(x))))


@derivation
def logit_exists():
    """E log(1 - D) = E log(1 - s(h)) for D with values in (0, 1), h its log odds."""
    yield E(log(1 - D), noise)
    yield (
        E(log(1 - sigmoid(log(D / (1 - D)))), noise),
        rules.definition,
        rules.given(D > 0, D < 1),
    )
    yield (
        E(log(1 - sigmoid(logit(image))), noise),
        rules.definition(log_odds),
        r"E_{z \sim N(0,1)}[\log[1 - \sigma(h_\phi(G_\theta(z)))]",
    )


@derivation
def logit_of_number():
    """d = s(log(d/(1 - d))) for every d = r/(1 + r) with odds r > 0."""
    value = odds / (1 + odds)
    yield value
    yield sigmoid(log(value / (1 - value))), rules.definition
