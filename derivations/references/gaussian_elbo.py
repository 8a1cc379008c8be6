"""`gaussian_elbo`: the bound for a decoder that gives a mean and a scale."""

from __future__ import annotations

from typing import Any, TypeVar

from derivations.references.choice import chosen
from derivations.references.elbo import DECODER, Call, Elbo
from derivations.references.gaussian_nll import gaussian_nll

A = TypeVar("A")


class GaussianElbo(Elbo):
    """log p(x | mean) - KL(N(mu, diag sigma^2) || N(0, I)) in nats: an ELBO estimate.

    mean           what the decoder makes of one draw z of N(mu, diag sigma^2), the mean
                   of a Gaussian, shape (..., n)
    target         x, the datum, shape (..., n)
    mu             the encoder's means, shape (..., k)
    decoder_sigma  the decoder's standard deviations, > 0; or decoder_variance,
                   decoder_log_variance or decoder_log_sigma
    sigma          the encoder's, > 0; or variance, log_variance or log_sigma

    One estimate a sample, of shape (...): minus `gaussian_nll`, minus `gaussian_kl`.
    Its mean over draws z is the bound on log p(x). All float64, float32, bfloat16 or
    float16 of NumPy, torch or JAX; leading shapes broadcast.

    Raises what these two functions raise, TypeError if not exactly one of either four
    is given and for arrays of two frameworks, ValueError for leading shapes that do not
    broadcast.

    >>> import numpy as np
    >>> one, code = np.ones(2), np.zeros(3)
    >>> print(gaussian_elbo(one, one, code, decoder_sigma=1.0, sigma=1.0))
    -1.8378770664093456

    Source: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, section 2.3;
    derived by `derivations.vae.elbo`.
    """

    def __call__(
        self,
        mean: A,
        target: A,
        mu: A,
        *,
        decoder_sigma: A | float | None = None,
        decoder_variance: A | float | None = None,
        decoder_log_variance: A | float | None = None,
        decoder_log_sigma: A | float | None = None,
        sigma: A | float | None = None,
        variance: A | float | None = None,
        log_variance: A | float | None = None,
        log_sigma: A | float | None = None,
    ) -> A:
        """One estimate a sample, in nats, shape (...)."""
        decoder = {
            "sigma": decoder_sigma,
            "variance": decoder_variance,
            "log_variance": decoder_log_variance,
            "log_sigma": decoder_log_sigma,
        }
        encoder = {
            "sigma": sigma,
            "variance": variance,
            "log_variance": log_variance,
            "log_sigma": log_sigma,
        }
        return self._value(self._data(mean, target, decoder), self._code(mu, encoder))

    def terms(
        self,
        mean: A,
        target: A,
        mu: A,
        *,
        decoder_sigma: A | float | None = None,
        decoder_variance: A | float | None = None,
        decoder_log_variance: A | float | None = None,
        decoder_log_sigma: A | float | None = None,
        sigma: A | float | None = None,
        variance: A | float | None = None,
        log_variance: A | float | None = None,
        log_sigma: A | float | None = None,
    ) -> tuple[A, A]:
        """What each output adds, (..., n), and what each coordinate does, (..., k)."""
        decoder = {
            "sigma": decoder_sigma,
            "variance": decoder_variance,
            "log_variance": decoder_log_variance,
            "log_sigma": decoder_log_sigma,
        }
        encoder = {
            "sigma": sigma,
            "variance": variance,
            "log_variance": log_variance,
            "log_sigma": log_sigma,
        }
        return self._terms(self._data(mean, target, decoder), self._code(mu, encoder))

    def gradient(
        self,
        mean: A,
        target: A,
        mu: A,
        *,
        decoder_sigma: A | float | None = None,
        decoder_variance: A | float | None = None,
        decoder_log_variance: A | float | None = None,
        decoder_log_sigma: A | float | None = None,
        sigma: A | float | None = None,
        variance: A | float | None = None,
        log_variance: A | float | None = None,
        log_sigma: A | float | None = None,
    ) -> tuple[A, A, A, A, A]:
        """The derivatives in mean, target, decoder's scale, mu and encoder's scale.

        z is held fixed: what comes through the decoder is autograd's to add.
        """
        decoder = {
            "sigma": decoder_sigma,
            "variance": decoder_variance,
            "log_variance": decoder_log_variance,
            "log_sigma": decoder_log_sigma,
        }
        encoder = {
            "sigma": sigma,
            "variance": variance,
            "log_variance": log_variance,
            "log_sigma": log_sigma,
        }
        data, code = self._data(mean, target, decoder), self._code(mu, encoder)
        in_mean, in_target, in_noise, in_mu, in_scale = self._gradient(data, code)
        return in_mean, in_target, in_noise, in_mu, in_scale

    def _data(self, mean: Any, target: Any, scales: dict[str, Any]) -> Call:
        name = chosen(self.name, {f"{DECODER}{n}": v for n, v in scales.items()})
        name = name.removeprefix(DECODER)
        return gaussian_nll.forms[name], (mean, target, scales[name])


gaussian_elbo = GaussianElbo("gaussian_elbo", gaussian_nll)
