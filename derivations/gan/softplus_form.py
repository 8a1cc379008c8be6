"""The two generator losses as expectations of a softplus of the logit.

The softplus has one sign and a slope between 0 and 1, so both losses are finite
wherever the logit is integrable, and this is the form to compute with: log(1 - s(h)) is
-oo in float32 from h = 17 on, softplus(h) never overflows.

Main results
  saturating_softplus      L_G = -E softplus(h)
  nonsaturating_softplus   L_NS = E softplus(-h)

In nats. Limits: exact for every real logit. Reference: Goodfellow et al., "Generative
Adversarial Nets", 2014, section 3.
"""

from __future__ import annotations

from sympy import log

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.functions import softplus
from derivations.gan.setting import D, logit, noise


@derivation
def saturating_softplus():
    """L_G = E log(1 - D) = -E softplus(h), in nats."""
    yield E(log(1 - D), noise)
    yield -E(softplus(logit), noise), rules.definition, rules.logarithms


@derivation
def nonsaturating_softplus():
    """L_NS = -E log D = E softplus(-h), in nats."""
    yield -E(log(D), noise)
    yield E(softplus(-logit), noise), rules.definition, rules.logarithms
