"""The discriminator loss, its gradient in the discriminator's parameters, and zero-sum.

L_D = -E_data log D(x) - E_z log(1 - D(G(z))), in nats, in [0, +oo]. The data law is a
law of which only the name is known; phi is a vector of any length.

Main results
  discriminator_gradient           dL_D/dphi_j = -E_data[(1 - D) dh] + E_z[D dh]
  discriminator_gradient_by_rules  the same first line, and rules alone
  discriminator_loss_is_nonnegative   -L_D <= 0
  zero_sum_up_to_data              L_D + L_G = -E_data log D, which is free of theta

Limits: the gradient under hypothesis I for both logits; the sum where both terms of L_D
are finite. Each of them may be infinite: nothing bounds the logit.

Reference: Goodfellow et al., "Generative Adversarial Nets", 2014, section 3.
"""

from __future__ import annotations

from sympy import Derivative, IndexedBase, log

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.functions import softplus
from derivations.gan.setting import (
    D_of_fake,
    D_of_real,
    data,
    j,
    k,
    logit_of_fake,
    logit_of_real,
    noise,
    phi,
)
from derivations.gan.softplus_lipschitz import log_sigmoid_lipschitz, softplus_lipschitz
from derivations.line import at_most

discriminator_loss = -E(log(D_of_real), data) - E(log(1 - D_of_fake), noise)
dh_of_real = Derivative(logit_of_real, phi[j])
dh_of_fake = Derivative(logit_of_fake, phi[j])
under_I = rules.interchange(log_sigmoid_lipschitz, softplus_lipschitz)

# the generator's own draw of noise, under a name of its own
other_z = IndexedBase("w", shape=(k,), real=True)
generator_loss = E(log(1 - D_of_fake), noise).renamed(other_z)


@derivation
def discriminator_gradient():
    """dL_D/dphi_j = -E_data[(1 - D) dh/dphi_j] + E_z[D dh/dphi_j]."""
    yield Derivative(discriminator_loss, phi[j])
    yield (
        (
            -Derivative(E(log(D_of_real), data), phi[j])
            - Derivative(E(log(1 - D_of_fake), noise), phi[j])
        ),
        rules.differentiate,
    )
    yield (
        (
            -E(Derivative(log(D_of_real), phi[j]), data)
            - E(Derivative(log(1 - D_of_fake), phi[j]), noise)
        ),
        under_I,
    )
    yield (
        (
            -E(1 / D_of_real * (D_of_real * (1 - D_of_real)) * dh_of_real, data)
            - E(1 / (1 - D_of_fake) * (D_of_fake * (D_of_fake - 1)) * dh_of_fake, noise)
        ),
        rules.differentiate,
    )
    yield -E((1 - D_of_real) * dh_of_real, data) + E(D_of_fake * dh_of_fake, noise)


@derivation
def discriminator_gradient_by_rules():
    """The same gradient, the closed form made by the rules."""
    yield Derivative(discriminator_loss, phi[j])
    yield rules.differentiate
    yield under_I, rules.differentiate


@derivation
def discriminator_loss_is_nonnegative():
    """-L_D = -E_data softplus(-h) - E_z softplus(h) <= 0."""
    yield -discriminator_loss
    yield (
        E(-softplus(-logit_of_real), data) + E(-softplus(logit_of_fake), noise),
        rules.definition,
        rules.logarithms,
    )
    yield -E(softplus(-logit_of_real), data) - E(softplus(logit_of_fake), noise)
    yield at_most(0)


@derivation
def zero_sum_up_to_data():
    """L_D + L_G = -E_data log D: the two losses sum to a term without theta."""
    yield discriminator_loss + generator_loss
    yield -E(log(D_of_real), data)
