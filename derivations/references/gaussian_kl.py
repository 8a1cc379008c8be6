"""`gaussian_kl`: from a diagonal Gaussian to the standard normal, for arrays.

Every sum has terms of one sign, so the result is right to a few units in the last place
for every finite argument: at sigma = 1 + 1e-12, at sigma = 1e-300, at log-variance 700.
"""

from __future__ import annotations

from typing import TypeVar

from derivations.lowered import lower
from derivations.references.reference import Reference
from derivations.vae.gaussian_kl import gaussian_kl as statement
from derivations.vae.kl_hessian import HESSIANS, MIXED, hessian_in_mean
from derivations.vae.parametrisation import PARAMETRISATIONS
from derivations.vae.setting import k, mu
from derivations.vae.stable_kl import STABLE_KL
from derivations.vae.stable_slopes import STABLE_SLOPES, stable_slope_in_mean

A = TypeVar("A")


class GaussianKL(Reference):
    """KL(N(mu, diag sigma^2) || N(0, I)) in nats, the closed form.

    mu            means, shape (..., k); the dtype is float64, float32, bfloat16 or
                  float16, the framework NumPy, torch or JAX
    sigma         standard deviations, > 0; or, in place of sigma, one of
    variance      sigma^2, > 0
    log_variance  log sigma^2, any real number
    log_sigma     log sigma, any real number

    Shapes broadcast; a number without axes is one coordinate (k = 1). sigma = 0 gives
    inf, sigma < 0 gives nan. KL >= 0, and 0 exactly at mu = 0, sigma = 1.

    Raises TypeError if not exactly one of the four is given, for integers, complex
    numbers or arrays of two frameworks; ValueError for shapes that do not broadcast and
    for two devices. Values are never looked at.

    >>> import numpy as np
    >>> mu, log_variance = np.zeros((2, 3)), np.full((2, 3), 1e-9)
    >>> gaussian_kl(mu, log_variance=log_variance)
    array([7.5e-19, 7.5e-19])

    Source: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, appendix B;
    derived by `derivations.vae.gaussian_kl`, in stable form by
    `derivations.vae.stable_kl`.
    """

    def __call__(
        self,
        mu: A,
        *,
        sigma: A | float | None = None,
        variance: A | float | None = None,
        log_variance: A | float | None = None,
        log_sigma: A | float | None = None,
    ) -> A:
        """One divergence a sample, in nats: the sum over the last axis, shape (...)."""
        form, scale = self._chosen(
            sigma=sigma,
            variance=variance,
            log_variance=log_variance,
            log_sigma=log_sigma,
        )
        return form(mu, scale)

    def terms(
        self,
        mu: A,
        *,
        sigma: A | float | None = None,
        variance: A | float | None = None,
        log_variance: A | float | None = None,
        log_sigma: A | float | None = None,
    ) -> A:
        """What each coordinate adds, in nats: shape (..., k), unsummed."""
        form, scale = self._chosen(
            sigma=sigma,
            variance=variance,
            log_variance=log_variance,
            log_sigma=log_sigma,
        )
        return form.terms(mu, scale)

    def gradient(
        self,
        mu: A,
        *,
        sigma: A | float | None = None,
        variance: A | float | None = None,
        log_variance: A | float | None = None,
        log_sigma: A | float | None = None,
    ) -> tuple[A, A]:
        """The derivatives of the value in mu and in the other one, shape (..., k)."""
        form, scale = self._chosen(
            sigma=sigma,
            variance=variance,
            log_variance=log_variance,
            log_sigma=log_sigma,
        )
        return form.gradient(mu, scale)


gaussian_kl = GaussianKL(
    "gaussian_kl",
    statement,
    {
        row.name: lower(
            value,
            arguments={"mu": mu, row.name: row.base},
            axis=k,
            gradient={"mu": stable_slope_in_mean, row.name: slope},
            hessian={
                ("mu", "mu"): hessian_in_mean,
                ("mu", row.name): mixed,
                (row.name, row.name): curvature,
            },
        )
        for row, value, slope, curvature, mixed in zip(
            PARAMETRISATIONS, STABLE_KL, STABLE_SLOPES, HESSIANS, MIXED, strict=True
        )
    },
)
