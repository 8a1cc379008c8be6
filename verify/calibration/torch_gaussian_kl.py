"""KL(N(mu, diag sigma^2) || N(0, I)) in torch, as people write it: all of them right.

Source of the usual line: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014,
appendix B; the rest is algebra on it, or a library's.
"""

from __future__ import annotations

from math import log, pi

import torch
from torch import Tensor
from torch.distributions import Independent, MultivariateNormal, Normal, kl_divergence

from derivations import gaussian_kl
from verify.calibration.implementation import Implementation

LOG_2_PI = log(2 * pi)


def appendix(mu: Tensor, log_variance: Tensor) -> Tensor:
    """The line of the paper's appendix B."""
    inside = 1 + log_variance - mu.pow(2) - log_variance.exp()
    return -0.5 * torch.sum(inside, dim=1)


def appendix_mean(mu: Tensor, log_variance: Tensor) -> Tensor:
    """The same, as a training loop has it: the mean over the batch."""
    inside = 1 + log_variance - mu**2 - log_variance.exp()
    return torch.mean(-0.5 * torch.sum(inside, dim=1), dim=0)


def appendix_over_everything(mu: Tensor, log_variance: Tensor) -> Tensor:
    """The mean over coordinates too."""
    return -0.5 * torch.mean(1 + log_variance - mu * mu - torch.exp(log_variance))


def with_expm1(mu: Tensor, log_variance: Tensor) -> Tensor:
    """expm1 in place of exp - 1."""
    return 0.5 * (mu.square() + torch.expm1(log_variance) - log_variance)


def with_einsum(mu: Tensor, log_variance: Tensor) -> Tensor:
    """The squares by einsum."""
    squares = torch.einsum("bk,bk->b", mu, mu)
    return 0.5 * (squares + (log_variance.exp() - log_variance - 1).sum(-1))


def coordinate_by_coordinate(mu: Tensor, log_variance: Tensor) -> Tensor:
    """A loop, as one writes it first."""
    total = torch.zeros_like(mu[:, 0])
    for i in range(mu.shape[1]):
        m, t = mu[:, i], log_variance[:, i]
        total = total + 0.5 * (m * m + torch.exp(t) - 1 - t)
    return total


def dimension_first(mu: Tensor, log_variance: Tensor) -> Tensor:
    """Trace, length, dimension and log-determinant apart, as for full covariances."""
    trace, length = log_variance.exp().sum(-1), mu.pow(2).sum(-1)
    return 0.5 * (trace + length - mu.shape[-1] - log_variance.sum(-1))


def entropies(mu: Tensor, log_variance: Tensor) -> Tensor:
    """The cross-entropy less the entropy."""
    crossed = 0.5 * (LOG_2_PI + mu.pow(2) + log_variance.exp())
    return crossed - 0.5 * (LOG_2_PI + 1 + log_variance)


def through_sigma(mu: Tensor, log_variance: Tensor) -> Tensor:
    """By way of the standard deviation."""
    sigma = torch.exp(0.5 * log_variance)
    return 0.5 * (mu.pow(2) + sigma.pow(2) - 1) - torch.log(sigma)


def normals(mu: Tensor, log_variance: Tensor) -> Tensor:
    """torch.distributions, coordinate by coordinate."""
    standard = Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return kl_divergence(Normal(mu, torch.exp(log_variance / 2)), standard)


def in_double(mu: Tensor, log_variance: Tensor) -> Tensor:
    """float64 inside, the dtype of the arguments outside."""
    m, t = mu.double(), log_variance.double()
    return (0.5 * (m.pow(2) + t.exp() - 1 - t).sum(-1)).to(mu.dtype)


def of_sigma(mu: Tensor, sigma: Tensor) -> Tensor:
    """The textbook's line in sigma."""
    return 0.5 * (mu.pow(2) + sigma.pow(2) - 1) - sigma.log()


def of_sigma_factored(mu: Tensor, sigma: Tensor) -> Tensor:
    """sigma^2 - 1 as a product."""
    return mu * mu / 2 + (sigma - 1) * (sigma + 1) / 2 - torch.log(sigma)


def of_sigma_doubled(mu: Tensor, sigma: Tensor) -> Tensor:
    """Everything halved at the end."""
    return (mu.pow(2) + sigma.pow(2) - 2 * sigma.log() - 1) / 2


def of_sigma_squared(mu: Tensor, sigma: Tensor) -> Tensor:
    """By way of the variance."""
    variance = sigma.square()
    return 0.5 * (mu.square() + variance - 1 - variance.log()).sum(-1)


def of_sigma_independent(mu: Tensor, sigma: Tensor) -> Tensor:
    """torch.distributions, a vector at a time."""
    q = Independent(Normal(mu, sigma), 1)
    standard = Normal(torch.zeros_like(mu), torch.ones_like(sigma))
    return kl_divergence(q, Independent(standard, 1))


def of_sigma_triangular(mu: Tensor, sigma: Tensor) -> Tensor:
    """torch.distributions, with a full covariance whose factor is diagonal."""
    q = MultivariateNormal(mu, scale_tril=torch.diag_embed(sigma))
    unit = torch.eye(mu.shape[-1], dtype=mu.dtype)
    return kl_divergence(q, MultivariateNormal(torch.zeros_like(mu), scale_tril=unit))


def of_variance(mu: Tensor, variance: Tensor) -> Tensor:
    """The textbook's line in the variance."""
    return 0.5 * (mu.pow(2) + variance - 1 - variance.log())


def of_variance_summed_apart(mu: Tensor, variance: Tensor) -> Tensor:
    """Sums over the last axis first."""
    sums = mu.pow(2).sum(-1) + variance.sum(-1) - torch.log(variance).sum(-1)
    return 0.5 * (sums - mu.shape[-1])


def of_variance_by_root(mu: Tensor, variance: Tensor) -> Tensor:
    """By way of the standard deviation, in torch.distributions."""
    standard = Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return kl_divergence(Normal(mu, variance.sqrt()), standard)


def of_variance_in_double(mu: Tensor, variance: Tensor) -> Tensor:
    """float64 inside."""
    return of_variance(mu.double(), variance.double()).sum(-1).mean().to(mu.dtype)


def of_log_sigma(mu: Tensor, log_sigma: Tensor) -> Tensor:
    """The textbook's line in log sigma."""
    return 0.5 * (mu.pow(2) + torch.exp(2 * log_sigma) - 1) - log_sigma


def of_log_sigma_expm1(mu: Tensor, log_sigma: Tensor) -> Tensor:
    """With expm1."""
    return mu.pow(2) / 2 + torch.expm1(2 * log_sigma) / 2 - log_sigma


def of_log_sigma_squared(mu: Tensor, log_sigma: Tensor) -> Tensor:
    """exp first, then the square."""
    return -log_sigma + (log_sigma.exp() ** 2 + mu**2) / 2 - 0.5


def of_log_sigma_normals(mu: Tensor, log_sigma: Tensor) -> Tensor:
    """torch.distributions."""
    standard = Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return kl_divergence(Normal(mu, log_sigma.exp()), standard).sum(-1)


def ours(word: str) -> Implementation:
    """The reference that this project derives."""

    def reference(mu: Tensor, scale: Tensor) -> Tensor:
        return gaussian_kl(mu, **{word: scale})

    words = ("mu", word)
    return Implementation("lossproof", LOSS, words, reference, "sum", of_terms=False)


LOSS = "gaussian_kl"
T, S = ("mu", "log_variance"), ("mu", "sigma")
V, L = ("mu", "variance"), ("mu", "log_sigma")
IMPLEMENTATIONS = (
    Implementation("appendix B", LOSS, T, appendix, "sum", of_terms=False),
    Implementation("appendix B, mean", LOSS, T, appendix_mean, "sum_mean", False),
    Implementation("mean of it all", LOSS, T, appendix_over_everything, "mean", False),
    Implementation("expm1", LOSS, T, with_expm1, "sum"),
    Implementation("einsum", LOSS, T, with_einsum, "sum", of_terms=False),
    Implementation("a loop", LOSS, T, coordinate_by_coordinate, "sum", False),
    Implementation("trace and length", LOSS, T, dimension_first, "sum", False),
    Implementation("entropies", LOSS, T, entropies, "none"),
    Implementation("through sigma", LOSS, T, through_sigma, "sum"),
    Implementation("Normal", LOSS, T, normals, "sum_mean"),
    Implementation("float64 inside", LOSS, T, in_double, "sum", False, ("float32",)),
    Implementation("sigma", LOSS, S, of_sigma, "sum"),
    Implementation("sigma, factored", LOSS, S, of_sigma_factored, "none"),
    Implementation("sigma, halved last", LOSS, S, of_sigma_doubled, "mean"),
    Implementation("sigma, squared", LOSS, S, of_sigma_squared, "sum", of_terms=False),
    Implementation("Independent", LOSS, S, of_sigma_independent, "sum", of_terms=False),
    Implementation("MultivariateNormal", LOSS, S, of_sigma_triangular, "sum", False),
    Implementation("variance", LOSS, V, of_variance, "sum"),
    Implementation("variance, apart", LOSS, V, of_variance_summed_apart, "sum", False),
    Implementation("Normal, by root", LOSS, V, of_variance_by_root, "none"),
    Implementation(
        "float64 inside, mean", LOSS, V, of_variance_in_double, "sum_mean", False,
        ("float32",),
    ),
    Implementation("log sigma", LOSS, L, of_log_sigma, "sum"),
    Implementation("log sigma, expm1", LOSS, L, of_log_sigma_expm1, "mean"),
    Implementation("log sigma, squared", LOSS, L, of_log_sigma_squared, "none"),
    Implementation("Normal, log sigma", LOSS, L, of_log_sigma_normals, "sum", False),
    *(ours(word) for word in ("sigma", "variance", "log_variance", "log_sigma")),
)  # fmt: skip
