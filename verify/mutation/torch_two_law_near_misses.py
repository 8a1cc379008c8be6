"""Divergences between two laws that people wrote wrong.

m, s, t are means, standard deviations, log-variances: (batch, size); a, b are factors
of covariances: (batch, size, size).
"""

from __future__ import annotations

from torch import Tensor
from torch.distributions import MultivariateNormal, kl_divergence

from verify.mutation.near_miss import NearMiss

PAIR = ("mu1", "mu2", "sigma1", "sigma2")
LOGS = ("mu1", "mu2", "log_variance1", "log_variance2")
TRILS = ("mu1", "tril1", "mu2", "tril2")
BETWEEN, FULL = "gaussian_kl_between", "multivariate_gaussian_kl"


def between(mu1: Tensor, mu2: Tensor, s1: Tensor, s2: Tensor) -> Tensor:
    """What each coordinate adds, right."""
    ratio, away = s1 / s2, (mu1 - mu2) / s2
    return (ratio**2 + away**2 - 1) / 2 - s1.log() + s2.log()


def full(mu1: Tensor, tril1: Tensor, mu2: Tensor, tril2: Tensor) -> Tensor:
    """The divergence of full covariances, right."""
    first = MultivariateNormal(mu1, scale_tril=tril1, validate_args=False)
    second = MultivariateNormal(mu2, scale_tril=tril2, validate_args=False)
    return kl_divergence(first, second)


TWO_LAWS = (
    NearMiss(
        "the laws exchanged",
        "kl_divergence(p, q) for kl_divergence(q, p)",
        BETWEEN,
        PAIR,
        lambda m1, m2, s1, s2: between(m2, m1, s2, s1).sum(-1),
    ),
    NearMiss(
        "the log ratio upside down",
        "log s1/s2 for log s2/s1",
        BETWEEN,
        PAIR,
        lambda m1, m2, s1, s2: (
            between(m1, m2, s1, s2) + 2 * (s1.log() - s2.log())
        ).sum(-1),
    ),
    NearMiss(
        "the ratio not squared",
        "sigma beside a formula in variances",
        BETWEEN,
        PAIR,
        lambda m1, m2, s1, s2: (
            0.5 * (s1 / s2 + ((m1 - m2) / s2) ** 2 - 1) - s1.log() + s2.log()
        ).sum(-1),
    ),
    NearMiss(
        "the means' distance over the first scale",
        "the second law's is needed",
        BETWEEN,
        PAIR,
        lambda m1, m2, s1, s2: (
            between(m1, m1, s1, s2) + ((m1 - m2) / s1) ** 2 / 2
        ).sum(-1),
    ),
    NearMiss(
        "both ways, halved",
        "Jeffreys' divergence",
        BETWEEN,
        PAIR,
        lambda m1, m2, s1, s2: (
            (between(m1, m2, s1, s2) + between(m2, m1, s2, s1)) / 2
        ).sum(-1),
    ),
    NearMiss(
        "1e-8 in the denominator",
        "against division by 0",
        BETWEEN,
        LOGS,
        lambda m1, m2, t1, t2: (
            0.5 * (t2 - t1 - 1 + (t1.exp() + (m1 - m2) ** 2) / (t2.exp() + 1e-8))
        ).sum(-1),
    ),
    NearMiss(
        "the posterior's variance at least 1e-4",
        "a floor of the scale",
        BETWEEN,
        LOGS,
        lambda m1, m2, t1, t2: between(
            m1, m2, (t1.exp() + 1e-4).sqrt(), (t2 / 2).exp()
        ).sum(-1),
    ),
)
MATRICES = (
    NearMiss(
        "the full laws exchanged",
        "as for diagonal ones",
        FULL,
        TRILS,
        lambda m1, a, m2, b: full(m2, b, m1, a),
    ),
    NearMiss(
        "the log determinants not halved",
        "log det of L for log det of L L'",
        FULL,
        TRILS,
        lambda m1, a, m2, b: (
            full(m1, a, m2, b)
            + (b.diagonal(0, -2, -1).log() - a.diagonal(0, -2, -1).log()).sum(-1)
        ),
    ),
    NearMiss(
        "the entries beside the diagonal left out",
        "a diagonal formula for full laws",
        FULL,
        TRILS,
        lambda m1, a, m2, b: between(
            m1, m2, a.diagonal(0, -2, -1), b.diagonal(0, -2, -1)
        ).sum(-1),
    ),
    NearMiss(
        "the second factor transposed",
        "U' U for L L'",
        FULL,
        TRILS,
        lambda m1, a, m2, b: kl_divergence(
            MultivariateNormal(m1, scale_tril=a, validate_args=False),
            MultivariateNormal(m2, b.mT @ b, validate_args=False),
        ),
    ),
    NearMiss(
        "1e-6 on the diagonal",
        "a jitter against singular matrices",
        FULL,
        TRILS,
        lambda m1, a, m2, b: full(m1, a, m2, b + 1e-6 * (b * 0).exp().tril().triu()),
    ),
    NearMiss(
        "without the dimension",
        "a constant has no gradient",
        FULL,
        TRILS,
        lambda m1, a, m2, b: full(m1, a, m2, b) + m1.shape[-1] / 2,
    ),
)
NEAR_MISSES = (*TWO_LAWS, *MATRICES)
