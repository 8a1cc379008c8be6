"""`gaussian_kl_between`: from one diagonal Gaussian to another, for arrays.

A sum of squares and of remainders of the ratio of the scales, all nonnegative: right to
a few units in the last place where the two laws agree to 12 digits, and where the
scales are 300 orders of magnitude apart.
"""

from __future__ import annotations

from typing import Any, TypeVar

from derivations.chain import Derivation
from derivations.lowered import Lowered, lower
from derivations.references.choice import chosen_pair
from derivations.references.reference import Reference
from derivations.vae.gaussian_kl_between import gaussian_kl_between as statement
from derivations.vae.gaussian_kl_between import mu1, mu2
from derivations.vae.kl_between_hessian import HESSIANS_BETWEEN
from derivations.vae.kl_between_in import KL_BETWEEN_IN, PAIRS, Pair
from derivations.vae.kl_between_slopes import SLOPES_BETWEEN
from derivations.vae.setting import k

A = TypeVar("A")
KEYWORDS = tuple((f"{pair.name}1", f"{pair.name}2") for pair in PAIRS)
PLACES = (
    *((0, 0), (0, 1), (1, 1), (0, 2), (1, 2)),
    *((0, 3), (1, 3), (2, 2), (2, 3), (3, 3)),
)
"""The two arguments of each second derivative, in the order of the chains."""


class GaussianKLBetween(Reference):
    """KL(N(mu1, diag sigma1^2) || N(mu2, diag sigma2^2)) in nats, the closed form.

    mu1, mu2                      means, shape (..., k); the dtype is float64, float32,
                                  bfloat16 or float16, of NumPy, torch or JAX
    sigma1, sigma2                standard deviations, > 0; or, in place of them,
    variance1, variance2          their squares, > 0
    log_variance1, log_variance2  log sigma^2, any real numbers
    log_sigma1, log_sigma2        log sigma, any real numbers

    Shapes broadcast; a number without axes is one coordinate (k = 1). KL >= 0, and 0
    exactly where the two laws are one. The difference of the means has to be finite in
    the dtype.

    Scales have to be positive and finite. sigma1 = 0 beside a proper sigma2 gives inf.
    sigma2 = 0 does where the means differ; where they are equal it gives nan for sigma
    and variance, inf for the logarithms (of 0, -inf). sigma2 = inf gives nan for sigma,
    inf for the others; both 0 or both inf give nan. For negative scales the result
    means nothing: nan for one of them, for both a number that looks like any other (for
    variances it may be < 0).

    Raises TypeError if not exactly one pair is given, for integers, complex numbers or
    arrays of two frameworks; ValueError for shapes that do not broadcast and for two
    devices. Values are never looked at.

    >>> import numpy as np
    >>> mu, sigma = np.zeros((2, 3)), np.ones((2, 3))
    >>> gaussian_kl_between(mu, mu + 1e-9, sigma1=sigma, sigma2=sigma)
    array([1.5e-18, 1.5e-18])

    Source: Kullback, "Information Theory and Statistics", 1959, chapter 9, section 1;
    derived by `derivations.vae.gaussian_kl_between`, in stable form by
    `derivations.vae.kl_between_in`.
    """

    def __call__(
        self,
        mu1: A,
        mu2: A,
        *,
        sigma1: A | float | None = None,
        sigma2: A | float | None = None,
        variance1: A | float | None = None,
        variance2: A | float | None = None,
        log_variance1: A | float | None = None,
        log_variance2: A | float | None = None,
        log_sigma1: A | float | None = None,
        log_sigma2: A | float | None = None,
    ) -> A:
        """One divergence a sample, in nats: the sum over the last axis, shape (...)."""
        form, scales = self._pair(
            sigma1=sigma1,
            sigma2=sigma2,
            variance1=variance1,
            variance2=variance2,
            log_variance1=log_variance1,
            log_variance2=log_variance2,
            log_sigma1=log_sigma1,
            log_sigma2=log_sigma2,
        )
        return form(mu1, mu2, *scales)

    def terms(
        self,
        mu1: A,
        mu2: A,
        *,
        sigma1: A | float | None = None,
        sigma2: A | float | None = None,
        variance1: A | float | None = None,
        variance2: A | float | None = None,
        log_variance1: A | float | None = None,
        log_variance2: A | float | None = None,
        log_sigma1: A | float | None = None,
        log_sigma2: A | float | None = None,
    ) -> A:
        """What each coordinate adds, in nats: shape (..., k), unsummed."""
        form, scales = self._pair(
            sigma1=sigma1,
            sigma2=sigma2,
            variance1=variance1,
            variance2=variance2,
            log_variance1=log_variance1,
            log_variance2=log_variance2,
            log_sigma1=log_sigma1,
            log_sigma2=log_sigma2,
        )
        return form.terms(mu1, mu2, *scales)

    def gradient(
        self,
        mu1: A,
        mu2: A,
        *,
        sigma1: A | float | None = None,
        sigma2: A | float | None = None,
        variance1: A | float | None = None,
        variance2: A | float | None = None,
        log_variance1: A | float | None = None,
        log_variance2: A | float | None = None,
        log_sigma1: A | float | None = None,
        log_sigma2: A | float | None = None,
    ) -> tuple[A, A, A, A]:
        """The derivatives of the value in mu1, mu2 and the pair: shape (..., k)."""
        form, scales = self._pair(
            sigma1=sigma1,
            sigma2=sigma2,
            variance1=variance1,
            variance2=variance2,
            log_variance1=log_variance1,
            log_variance2=log_variance2,
            log_sigma1=log_sigma1,
            log_sigma2=log_sigma2,
        )
        return form.gradient(mu1, mu2, *scales)

    def _pair(self, **given: Any) -> tuple[Lowered, tuple[Any, Any]]:
        first, second = chosen_pair(self.name, KEYWORDS, given)
        return self.forms[first.removesuffix("1")], (given[first], given[second])


def _in(
    pair: Pair,
    value: Derivation,
    slopes: tuple[Derivation, ...],
    entries: tuple[Derivation, ...],
) -> Lowered:
    first, second = f"{pair.name}1", f"{pair.name}2"
    names = ("mu1", "mu2", first, second)
    return lower(
        value,
        arguments={"mu1": mu1, "mu2": mu2, first: pair.first, second: pair.second},
        axis=k,
        gradient=dict(zip(names, slopes, strict=True)),
        hessian={
            (names[row], names[column]): entry
            for (row, column), entry in zip(PLACES, entries, strict=True)
        },
    )


gaussian_kl_between = GaussianKLBetween(
    "gaussian_kl_between",
    statement,
    {
        row[0].name: _in(*row)
        for row in zip(
            PAIRS, KL_BETWEEN_IN, SLOPES_BETWEEN, HESSIANS_BETWEEN, strict=True
        )
    },
)
