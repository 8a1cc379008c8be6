"""`bernoulli_elbo`: the bound for a decoder that gives logits."""

from __future__ import annotations

from typing import Any, TypeVar

from derivations.references.bernoulli_nll import bernoulli_nll
from derivations.references.elbo import Call, Elbo

A = TypeVar("A")


class BernoulliElbo(Elbo):
    """log p(x | h) - KL(N(mu, diag sigma^2) || N(0, I)) in nats: an ELBO estimate.

    logits        h, what the decoder makes of one draw z of N(mu, diag sigma^2), before
                  the sigmoid, shape (..., n)
    target        x, the datum, in [0, 1], shape (..., n)
    mu            the encoder's means, shape (..., k)
    sigma         its standard deviations, > 0; or, in place of sigma, one of
    variance      sigma^2, > 0
    log_variance  log sigma^2, any real number
    log_sigma     log sigma, any real number

    One estimate a sample, of shape (...): minus `bernoulli_nll`, minus `gaussian_kl`.
    Its mean over draws z is the bound on log p(x). All float64, float32, bfloat16 or
    float16 of NumPy, torch or JAX; leading shapes broadcast.

    Raises what these two functions raise, TypeError for arrays of two frameworks, and
    ValueError for leading shapes that do not broadcast.

    >>> import numpy as np
    >>> print(bernoulli_elbo(np.zeros(2), np.array([0.0, 1.0]), np.zeros(3), sigma=1.0))
    -1.3862943611198906

    Source: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, section 2.3;
    derived by `derivations.vae.elbo`.
    """

    def __call__(
        self,
        logits: A,
        target: A,
        mu: A,
        *,
        sigma: A | float | None = None,
        variance: A | float | None = None,
        log_variance: A | float | None = None,
        log_sigma: A | float | None = None,
    ) -> A:
        """One estimate a sample, in nats, shape (...)."""
        scales = {
            "sigma": sigma,
            "variance": variance,
            "log_variance": log_variance,
            "log_sigma": log_sigma,
        }
        return self._value(self._data(logits, target), self._code(mu, scales))

    def terms(
        self,
        logits: A,
        target: A,
        mu: A,
        *,
        sigma: A | float | None = None,
        variance: A | float | None = None,
        log_variance: A | float | None = None,
        log_sigma: A | float | None = None,
    ) -> tuple[A, A]:
        """What each output adds, (..., n), and what each coordinate does, (..., k)."""
        scales = {
            "sigma": sigma,
            "variance": variance,
            "log_variance": log_variance,
            "log_sigma": log_sigma,
        }
        return self._terms(self._data(logits, target), self._code(mu, scales))

    def gradient(
        self,
        logits: A,
        target: A,
        mu: A,
        *,
        sigma: A | float | None = None,
        variance: A | float | None = None,
        log_variance: A | float | None = None,
        log_sigma: A | float | None = None,
    ) -> tuple[A, A, A, A]:
        """The derivatives of the value in logits, target, mu and the scale.

        z is held fixed: what comes through the decoder is autograd's to add.
        """
        scales = {
            "sigma": sigma,
            "variance": variance,
            "log_variance": log_variance,
            "log_sigma": log_sigma,
        }
        found = self._gradient(self._data(logits, target), self._code(mu, scales))
        of_logits, of_target, of_mu, of_scale = found
        return of_logits, of_target, of_mu, of_scale

    def _data(self, logits: Any, target: Any) -> Call:
        return self.decoder.forms["logits"], (logits, target)


bernoulli_elbo = BernoulliElbo("bernoulli_elbo", bernoulli_nll)
