"""The losses of a generative adversarial network, for arrays of logits.

Expectations become means over everything that is given. All three are softpluses of the
logit: nothing overflows, and no gradient is lost to a clamp.
"""

from __future__ import annotations

from typing import TypeVar

from derivations.chain import Derivation
from derivations.gan.discriminator_softplus import discriminator_softplus
from derivations.gan.setting import logit, logit_of_fake, logit_of_real, x
from derivations.gan.softplus_form import nonsaturating_softplus, saturating_softplus
from derivations.gan.stable_losses import (
    fake_term_curvature,
    fake_term_slope,
    nonsaturating_term_curvature,
    nonsaturating_term_slope,
    saturating_term_curvature,
    saturating_term_slope,
)
from derivations.lowered import Lowered, lower
from derivations.references.reference import Reference

A = TypeVar("A")


class SaturatingGeneratorLoss(Reference):
    """L_G = E log(1 - D), D = s(h), in nats: what the generator minimises.

    logits  h, the discriminator's output before the sigmoid, for generated samples: any
            shape; float64, float32, bfloat16 or float16; NumPy, torch or JAX

    It is the mean over all logits. Its gradient vanishes where D does (it saturates).
    Raises TypeError for integers or complex numbers, ValueError for no logits at all.

    >>> import numpy as np
    >>> float(saturating_generator_loss(np.array([0.0, 0.0])))
    -0.6931471805599453

    Source: Goodfellow et al., "Generative Adversarial Nets", 2014, section 3; derived
    by `derivations.gan.softplus_form`.
    """

    def __call__(self, logits: A) -> A:
        """The mean of log(1 - s(h)), without axes."""
        return self.forms["logits"](logits)

    def terms(self, logits: A) -> A:
        """log(1 - s(h)) of each logit, in the shape of the logits."""
        return self.forms["logits"].terms(logits)

    def gradient(self, logits: A) -> tuple[A]:
        """-s(h)/B, B the number of logits: the derivative of the mean in each."""
        return self.forms["logits"].gradient(logits)


class NonsaturatingGeneratorLoss(Reference):
    """L_NS = -E log D, D = s(h), in nats: what generators are trained with.

    logits  h, the discriminator's output before the sigmoid, for generated samples: any
            shape; float64, float32, bfloat16 or float16; NumPy, torch or JAX

    It is the mean over all logits. Raises TypeError for integers or complex numbers,
    ValueError for no logits at all.

    >>> import numpy as np
    >>> float(nonsaturating_generator_loss(np.array([-800.0])))
    800.0

    Source: Goodfellow et al., "Generative Adversarial Nets", 2014, section 3; derived
    by `derivations.gan.softplus_form`.
    """

    def __call__(self, logits: A) -> A:
        """The mean of -log s(h), without axes."""
        return self.forms["logits"](logits)

    def terms(self, logits: A) -> A:
        """-log s(h) of each logit, in the shape of the logits."""
        return self.forms["logits"].terms(logits)

    def gradient(self, logits: A) -> tuple[A]:
        """-s(-h)/B, B the number of logits: the derivative of the mean in each."""
        return self.forms["logits"].gradient(logits)


class DiscriminatorLoss(Reference):
    """L_D = -E_data log D - E_z log(1 - D), D = s(h), in nats.

    real_logits  h of real samples, any shape
    fake_logits  h of generated samples, any shape; as many as one likes

    It is the sum of two means, each over its own logits. Raises TypeError for integers,
    complex numbers or arrays of two frameworks, ValueError if one of them is empty.

    >>> import numpy as np
    >>> float(discriminator_loss(np.zeros(3), np.zeros(5)))
    1.3862943611198906

    Source: Goodfellow et al., "Generative Adversarial Nets", 2014, section 3; derived
    by `derivations.gan.discriminator_softplus`.
    """

    def __call__(self, real_logits: A, fake_logits: A) -> A:
        """The mean of -log s(h) plus the mean of -log(1 - s(h)), without axes."""
        return self.forms["logits"](real_logits, fake_logits)

    def terms(self, real_logits: A, fake_logits: A) -> tuple[A, A]:
        """-log s(h) of each real, -log(1 - s(h)) of each generated logit."""
        return self.forms["logits"].terms(real_logits, fake_logits)

    def gradient(self, real_logits: A, fake_logits: A) -> tuple[A, A]:
        """-s(-h) by the number of real logits, s(h) by that of the others."""
        return self.forms["logits"].gradient(real_logits, fake_logits)


def _of_logits(chain: Derivation, slope: Derivation, curvature: Derivation) -> Lowered:
    return lower(
        chain,
        arguments={"logits": (logit, x)},
        gradient={"logits": slope},
        hessian={("logits", "logits"): curvature},
    )


saturating_generator_loss = SaturatingGeneratorLoss(
    "saturating_generator_loss",
    saturating_softplus,
    {
        "logits": _of_logits(
            saturating_softplus, saturating_term_slope, saturating_term_curvature
        )
    },
)
nonsaturating_generator_loss = NonsaturatingGeneratorLoss(
    "nonsaturating_generator_loss",
    nonsaturating_softplus,
    {
        "logits": _of_logits(
            nonsaturating_softplus,
            nonsaturating_term_slope,
            nonsaturating_term_curvature,
        )
    },
)
discriminator_loss = DiscriminatorLoss(
    "discriminator_loss",
    discriminator_softplus,
    {
        "logits": lower(
            discriminator_softplus,
            arguments={
                "real_logits": (logit_of_real, x),
                "fake_logits": (logit_of_fake, x),
            },
            gradient={
                "real_logits": nonsaturating_term_slope,
                "fake_logits": fake_term_slope,
            },
            hessian={
                ("real_logits", "real_logits"): nonsaturating_term_curvature,
                ("fake_logits", "fake_logits"): fake_term_curvature,
            },
        )
    },
)
