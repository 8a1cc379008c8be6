"""The likelihoods, bounds and divergences beside the main losses, in torch, all right.

Source: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, appendix C (the
decoders); Kullback, "Information Theory and Statistics", 1959, chapter 9 (between two
Gaussians).
"""

from __future__ import annotations

from math import log, pi

import torch
from torch import Tensor
from torch.distributions import Bernoulli, MultivariateNormal, Normal, kl_divergence
from torch.nn import functional as F

from derivations import (
    bernoulli_elbo,
    bernoulli_nll,
    gaussian_elbo,
    gaussian_kl_between,
    gaussian_nll,
    multivariate_gaussian_kl,
)
from verify.calibration.implementation import Implementation

LOG_2_PI = log(2 * pi)
DOUBLE = ("float64",)  # in float32 the squares on the way leave the range
NO_FLOOR = 0.0  # of gaussian_nll_loss, which floors variances


def with_logits(h: Tensor, x: Tensor) -> Tensor:
    """F.binary_cross_entropy_with_logits."""
    return F.binary_cross_entropy_with_logits(h, x, reduction="none")


def two_logs(h: Tensor, x: Tensor) -> Tensor:
    """Both logarithms, weighed by the target."""
    return -x * F.logsigmoid(h) - (1 - x) * F.logsigmoid(-h)


def two_softpluses(h: Tensor, x: Tensor) -> Tensor:
    """The same by log(e^0 + e^h)."""
    zero = torch.zeros_like(h)
    return x * torch.logaddexp(zero, -h) + (1 - x) * torch.logaddexp(zero, h)


def softplus_less_product(h: Tensor, x: Tensor) -> Tensor:
    """softplus(h) - x h."""
    return torch.logaddexp(torch.zeros_like(h), h) - x * h


def bernoulli(h: Tensor, x: Tensor) -> Tensor:
    """torch.distributions, which computes a grey target's cross-entropy too."""
    return -Bernoulli(logits=h, validate_args=False).log_prob(x)


def normal(mean: Tensor, target: Tensor, sigma: Tensor) -> Tensor:
    """torch.distributions."""
    return -Normal(mean, sigma).log_prob(target)


def gaussian_line(mean: Tensor, target: Tensor, sigma: Tensor) -> Tensor:
    """The textbook's line."""
    away = (target - mean) / sigma
    return 0.5 * away.pow(2) + torch.log(sigma) + 0.5 * LOG_2_PI


def gaussian_nll_loss(mean: Tensor, target: Tensor, variance: Tensor) -> Tensor:
    """torch's own, with its constant and without its floor."""
    return F.gaussian_nll_loss(
        mean, target, variance, full=True, eps=NO_FLOOR, reduction="none"
    )


def of_log_variance(mean: Tensor, target: Tensor, log_variance: Tensor) -> Tensor:
    """As decoders give it."""
    away = (target - mean) * torch.exp(-log_variance / 2)
    return 0.5 * (LOG_2_PI + log_variance + away.pow(2))


def of_log_sigma(mean: Tensor, target: Tensor, log_sigma: Tensor) -> Tensor:
    """The same in log sigma."""
    away = (target - mean) * torch.exp(-log_sigma)
    return 0.5 * LOG_2_PI + log_sigma + away * away / 2


def normals(mu1: Tensor, mu2: Tensor, sigma1: Tensor, sigma2: Tensor) -> Tensor:
    """torch.distributions, between two."""
    return kl_divergence(Normal(mu1, sigma1), Normal(mu2, sigma2))


def between_line(mu1: Tensor, mu2: Tensor, sigma1: Tensor, sigma2: Tensor) -> Tensor:
    """The textbook's line between two."""
    away, ratio = (mu1 - mu2) / sigma2, sigma1 / sigma2
    logs = torch.log(sigma2) - torch.log(sigma1)
    return logs + 0.5 * (ratio.pow(2) + away.pow(2)) - 0.5


def between_logs(mu1: Tensor, mu2: Tensor, t1: Tensor, t2: Tensor) -> Tensor:
    """The same in log-variances."""
    away = (mu1 - mu2) * torch.exp(-t2 / 2)
    return 0.5 * (t2 - t1 + torch.exp(t1 - t2) + away.pow(2) - 1)


def triangular(mu1: Tensor, tril1: Tensor, mu2: Tensor, tril2: Tensor) -> Tensor:
    """torch.distributions, with full covariances."""
    first = MultivariateNormal(mu1, scale_tril=tril1)
    return kl_divergence(first, MultivariateNormal(mu2, scale_tril=tril2))


def bernoulli_bound(h: Tensor, x: Tensor, mu: Tensor, t: Tensor) -> Tensor:
    """What a variational autoencoder maximises, for a decoder that gives logits."""
    cross_entropy = F.binary_cross_entropy_with_logits(h, x, reduction="none").sum(-1)
    divergence = -0.5 * (1 + t - mu.pow(2) - t.exp()).sum(-1)
    return -cross_entropy - divergence


def bernoulli_bound_normal(h: Tensor, x: Tensor, mu: Tensor, sigma: Tensor) -> Tensor:
    """The same by torch.distributions."""
    standard = Normal(torch.zeros_like(mu), torch.ones_like(sigma))
    likelihood = Bernoulli(logits=h, validate_args=False).log_prob(x).sum(-1)
    return (likelihood - kl_divergence(Normal(mu, sigma), standard).sum(-1)).mean()


def gaussian_bound(
    mean: Tensor, x: Tensor, mu: Tensor, decoder_t: Tensor, t: Tensor
) -> Tensor:
    """The same for a decoder that gives a mean and a log-variance."""
    likelihood = -of_log_variance(mean, x, decoder_t).sum(-1)
    return likelihood + 0.5 * (1 + t - mu.pow(2) - t.exp()).sum(-1)


def gaussian_bound_normal(
    mean: Tensor, x: Tensor, mu: Tensor, decoder_sigma: Tensor, sigma: Tensor
) -> Tensor:
    """The same by torch.distributions."""
    standard = Normal(torch.zeros_like(mu), torch.ones_like(sigma))
    likelihood = Normal(mean, decoder_sigma).log_prob(x).sum(-1)
    return likelihood - kl_divergence(Normal(mu, sigma), standard).sum(-1)


def ours_nll(mean: Tensor, target: Tensor, log_variance: Tensor) -> Tensor:
    """The derived reference."""
    return gaussian_nll(mean, target, log_variance=log_variance)


def ours_between(mu1: Tensor, mu2: Tensor, sigma1: Tensor, sigma2: Tensor) -> Tensor:
    """The derived reference."""
    return gaussian_kl_between(mu1, mu2, sigma1=sigma1, sigma2=sigma2)


def ours_bernoulli(h: Tensor, x: Tensor, mu: Tensor, t: Tensor) -> Tensor:
    """The derived reference."""
    return bernoulli_elbo(h, x, mu, log_variance=t)


def ours_gaussian(
    mean: Tensor, x: Tensor, mu: Tensor, decoder_t: Tensor, t: Tensor
) -> Tensor:
    """The derived reference."""
    return gaussian_elbo(mean, x, mu, decoder_log_variance=decoder_t, log_variance=t)


BERNOULLI, GAUSSIAN = "bernoulli_nll", "gaussian_nll"
BETWEEN, FULL = "gaussian_kl_between", "multivariate_gaussian_kl"
HX, MX = ("logits", "target"), ("mean", "target")
M2 = ("mu1", "mu2")
S2, T2 = ("sigma1", "sigma2"), ("log_variance1", "log_variance2")
FACTORS = ("mu1", "tril1", "mu2", "tril2")
CODE_T = (*HX, "mu", "log_variance")
CODE_S = (*HX, "mu", "sigma")
BOUND_T = (*MX, "mu", "decoder_log_variance", "log_variance")
BOUND_S = (*MX, "mu", "decoder_sigma", "sigma")
IMPLEMENTATIONS = (
    Implementation("BCEWithLogits", BERNOULLI, HX, with_logits, "sum"),
    Implementation("two F.logsigmoid", BERNOULLI, HX, two_logs, "none"),
    Implementation("two torch.logaddexp", BERNOULLI, HX, two_softpluses, "mean"),
    Implementation("softplus - x h", BERNOULLI, HX, softplus_less_product, "sum"),
    Implementation("Bernoulli", BERNOULLI, HX, bernoulli, "sum_mean"),
    Implementation("lossproof", BERNOULLI, HX, bernoulli_nll, "sum", of_terms=False),
    Implementation("Normal", GAUSSIAN, (*MX, "sigma"), normal, "sum", dtypes=DOUBLE),
    Implementation("sigma", GAUSSIAN, (*MX, "sigma"), gaussian_line, "none"),
    Implementation(
        "F.gaussian_nll_loss", GAUSSIAN, (*MX, "variance"), gaussian_nll_loss, "mean"
    ),
    Implementation(
        "log variance", GAUSSIAN, (*MX, "log_variance"), of_log_variance, "sum"
    ),
    Implementation("log sigma", GAUSSIAN, (*MX, "log_sigma"), of_log_sigma, "sum_mean"),
    Implementation(
        "lossproof", GAUSSIAN, (*MX, "log_variance"), ours_nll, "sum", of_terms=False
    ),
    Implementation("Normal", BETWEEN, (*M2, *S2), normals, "sum", dtypes=DOUBLE),
    Implementation("sigma", BETWEEN, (*M2, *S2), between_line, "mean"),
    Implementation("log variance", BETWEEN, (*M2, *T2), between_logs, "sum"),
    Implementation("lossproof", BETWEEN, (*M2, *S2), ours_between, "sum", False),
    Implementation("MultivariateNormal", FULL, FACTORS, triangular, "sum", False),
    Implementation("lossproof", FULL, FACTORS, multivariate_gaussian_kl, "sum", False),
    Implementation("log variance", "bernoulli_elbo", CODE_T, bernoulli_bound, "sum",
                   of_terms=False),
    Implementation("Bernoulli, Normal", "bernoulli_elbo", CODE_S,
                   bernoulli_bound_normal, "sum_mean", of_terms=False),
    Implementation("lossproof", "bernoulli_elbo", CODE_T, ours_bernoulli, "sum", False),
    Implementation("log variances", "gaussian_elbo", BOUND_T, gaussian_bound, "sum",
                   of_terms=False),
    Implementation("Normal", "gaussian_elbo", BOUND_S, gaussian_bound_normal, "sum",
                   of_terms=False, dtypes=DOUBLE),
    Implementation("lossproof", "gaussian_elbo", BOUND_T, ours_gaussian, "sum", False),
)  # fmt: skip
