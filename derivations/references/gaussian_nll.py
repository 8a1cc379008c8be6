"""`gaussian_nll`: what a decoder with a mean and a scale pays for its target."""

from __future__ import annotations

from typing import TypeVar

from derivations.chain import Derivation
from derivations.lowered import Lowered, lower
from derivations.references.reference import Reference
from derivations.vae.bernoulli_nll import n, x
from derivations.vae.gaussian_nll import GAUSSIAN_NLL, gaussian_nll_in_sigma
from derivations.vae.gaussian_nll_hessian import GAUSSIAN_NLL_HESSIANS
from derivations.vae.gaussian_nll_slopes import GAUSSIAN_NLL_SLOPES
from derivations.vae.parametrisation import PARAMETRISATIONS, Parametrisation
from derivations.vae.setting import mu

A = TypeVar("A")
PLACES = ((0, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2))
"""The two arguments of each second derivative, in the order of the chains."""


class GaussianNLL(Reference):
    """-log p(x | mean, sigma) in nats, p the density of N(mean, diag sigma^2) at x.

    mean          the decoder's means, shape (..., n); the dtype is float64, float32,
                  bfloat16 or float16, the framework NumPy, torch or JAX
    target        x, any real numbers
    sigma         standard deviations, > 0; or, in place of sigma, one of
    variance      sigma^2, > 0
    log_variance  log sigma^2, any real number
    log_sigma     log sigma, any real number

    Shapes broadcast; a number without axes is one output (n = 1). A density may exceed
    1, so the result has either sign: where its terms cancel it is right to the rounding
    of the largest. The constant log(2 pi)/2 of each output is included. The difference
    of target and mean has to be finite in the dtype.

    Scales have to be positive and finite; at the ends the limit, inf, is not promised.
    sigma = 0 and variance = 0 give nan; a logarithm of -inf gives nan if target and
    mean differ, -inf if they are equal. sigma < 0 and variance < 0 give nan.

    Raises TypeError if not exactly one of the four is given, for integers, complex
    numbers or arrays of two frameworks; ValueError for shapes that do not broadcast and
    for two devices. Values are never looked at.

    >>> import numpy as np
    >>> print(gaussian_nll(np.zeros(2), np.zeros(2), sigma=1.0))
    1.8378770664093456

    Source: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, appendix C.2;
    derived by `derivations.vae.gaussian_nll`.
    """

    def __call__(
        self,
        mean: A,
        target: A,
        *,
        sigma: A | float | None = None,
        variance: A | float | None = None,
        log_variance: A | float | None = None,
        log_sigma: A | float | None = None,
    ) -> A:
        """One number a sample, in nats: the sum over the last axis, shape (...)."""
        form, scale = self._chosen(
            sigma=sigma,
            variance=variance,
            log_variance=log_variance,
            log_sigma=log_sigma,
        )
        return form(mean, target, scale)

    def terms(
        self,
        mean: A,
        target: A,
        *,
        sigma: A | float | None = None,
        variance: A | float | None = None,
        log_variance: A | float | None = None,
        log_sigma: A | float | None = None,
    ) -> A:
        """What each output adds, in nats: shape (..., n), unsummed."""
        form, scale = self._chosen(
            sigma=sigma,
            variance=variance,
            log_variance=log_variance,
            log_sigma=log_sigma,
        )
        return form.terms(mean, target, scale)

    def gradient(
        self,
        mean: A,
        target: A,
        *,
        sigma: A | float | None = None,
        variance: A | float | None = None,
        log_variance: A | float | None = None,
        log_sigma: A | float | None = None,
    ) -> tuple[A, A, A]:
        """The derivatives of the value in mean, target and the scale: (..., n)."""
        form, scale = self._chosen(
            sigma=sigma,
            variance=variance,
            log_variance=log_variance,
            log_sigma=log_sigma,
        )
        return form.gradient(mean, target, scale)


def _in(
    row: Parametrisation,
    value: Derivation,
    slopes: tuple[Derivation, ...],
    entries: tuple[Derivation, ...],
) -> Lowered:
    names = ("mean", "target", row.name)
    return lower(
        value,
        arguments={"mean": mu, "target": x, row.name: row.base},
        axis=n,
        gradient=dict(zip(names, slopes, strict=True)),
        hessian={
            (names[first], names[second]): entry
            for (first, second), entry in zip(PLACES, entries, strict=True)
        },
    )


gaussian_nll = GaussianNLL(
    "gaussian_nll",
    gaussian_nll_in_sigma,
    {
        row[0].name: _in(*row)
        for row in zip(
            PARAMETRISATIONS,
            GAUSSIAN_NLL,
            GAUSSIAN_NLL_SLOPES,
            GAUSSIAN_NLL_HESSIANS,
            strict=True,
        )
    },
)
