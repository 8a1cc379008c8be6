"""The discriminator loss as expectations of softpluses of the logit.

L_D = -E_data log D - E_z log(1 - D). Both terms are nonnegative and neither overflows,
so this is the form to compute with. What one logit adds, with slope and curvature, is
the `nonsaturating_term` of `stable_losses` for real data, the `fake_term` for generated
data.

Main results
  discriminator_softplus   L_D = E_data softplus(-h) + E_z softplus(h)

In nats. Limits: exact for every real logit; each of the terms may be +oo. Reference:
Goodfellow et al., "Generative Adversarial Nets", 2014, section 3.
"""

from __future__ import annotations

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.functions import softplus
from derivations.gan.discriminator_loss import discriminator_loss
from derivations.gan.setting import data, logit_of_fake, logit_of_real, noise


@derivation
def discriminator_softplus():
    """L_D = E_data softplus(-h) + E_z softplus(h), in nats."""
    yield discriminator_loss
    yield (
        E(softplus(-logit_of_real), data) + E(softplus(logit_of_fake), noise),
        rules.definition,
        rules.logarithms,
    )
