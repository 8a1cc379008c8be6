"""`bernoulli_nll`: what a decoder pays for binary or grey targets, from its logits."""

from __future__ import annotations

from typing import TypeVar

from derivations.lowered import lower
from derivations.references.reference import Reference
from derivations.vae.bernoulli_nll import (
    bernoulli_likelihood,
    bernoulli_nll_of_logit_logit,
    bernoulli_nll_of_logit_target,
    bernoulli_nll_of_target_target,
    bernoulli_nll_slope_in_logit,
    bernoulli_nll_slope_in_target,
    h,
    n,
    x,
)
from derivations.vae.bernoulli_nll import bernoulli_nll as stable

A = TypeVar("A")


class BernoulliNLL(Reference):
    """-log p(x | h) in nats, p the product of s(h_i) for a 1 and 1 - s(h_i) for a 0.

    logits  h, the decoder's output before the sigmoid, shape (..., n); the dtype is
            float64, float32, bfloat16 or float16, the framework NumPy, torch or JAX
    target  x, in [0, 1]; a likelihood for 0 and 1, a cross-entropy for a grey

    Shapes broadcast; a number without axes is one output (n = 1). For targets in [0, 1]
    it is >= 0. At an infinite logit it is 0 for the target that is certain then, inf
    for any other. Targets outside [0, 1] are not refused: values are never looked at.

    Raises TypeError for integers, complex numbers or arrays of two frameworks (an array
    of labels has to be cast to a floating-point dtype), ValueError for shapes that do
    not broadcast and for two devices.

    >>> import numpy as np
    >>> print(bernoulli_nll(np.array([40.0, -800.0]), np.array([1.0, 1.0])))
    800.0

    Source: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, appendix C.1;
    derived by `derivations.vae.bernoulli_nll`.
    """

    def __call__(self, logits: A, target: A) -> A:
        """One number a sample, in nats: the sum over the last axis, shape (...)."""
        return self.forms["logits"](logits, target)

    def terms(self, logits: A, target: A) -> A:
        """What each output adds, in nats: shape (..., n), unsummed."""
        return self.forms["logits"].terms(logits, target)

    def gradient(self, logits: A, target: A) -> tuple[A, A]:
        """The derivatives of the value in the logits and the target, shape (..., n)."""
        return self.forms["logits"].gradient(logits, target)


bernoulli_nll = BernoulliNLL(
    "bernoulli_nll",
    bernoulli_likelihood,
    {
        "logits": lower(
            stable,
            arguments={"logits": h, "target": x},
            axis=n,
            gradient={
                "logits": bernoulli_nll_slope_in_logit,
                "target": bernoulli_nll_slope_in_target,
            },
            hessian={
                ("logits", "logits"): bernoulli_nll_of_logit_logit,
                ("logits", "target"): bernoulli_nll_of_logit_target,
                ("target", "target"): bernoulli_nll_of_target_target,
            },
        )
    },
)
