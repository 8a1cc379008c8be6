"""Divergences that people wrote wrong.

mu, t, s, v are means, log-variances, standard deviations, variances: (batch, size).
"""

from __future__ import annotations

from torch import Tensor
from torch.distributions import Normal, kl_divergence
from torch.nn.functional import relu

from verify.mutation.near_miss import NearMiss

LOG, SIGMA = ("mu", "log_variance"), ("mu", "sigma")
KL = "gaussian_kl"


def terms(mu: Tensor, t: Tensor) -> Tensor:
    """What each coordinate adds, right."""
    return (mu**2 + t.exp() - 1 - t) / 2


def _of_chance(mu: Tensor, t: Tensor) -> Tensor:
    q = Normal(mu, (t / 2).exp(), validate_args=False)
    z = q.rsample()
    prior = Normal(0.0 * mu, 0.0 * mu + 1.0, validate_args=False)
    return (q.log_prob(z) - prior.log_prob(z)).sum(-1)


NEAR_MISSES = (
    NearMiss(
        "log sigma for log sigma^2",
        "the misprint of the document that is judged",
        KL,
        SIGMA,
        lambda mu, s: ((mu**2 + s**2 - 1 - s.log()) / 2).sum(-1),
    ),
    NearMiss(
        "the half is missing",
        "left out when the formula is copied",
        KL,
        LOG,
        lambda mu, t: (mu**2 + t.exp() - 1 - t).sum(-1),
    ),
    NearMiss(
        "half of the log-variance alone is missing",
        "a bracket closed too early",
        KL,
        LOG,
        lambda mu, t: ((mu**2 + t.exp() - 1) / 2 - t).sum(-1),
    ),
    NearMiss(
        "the sign is flipped",
        "-1/2 (1 + ...) written as 1/2 (1 + ...)",
        KL,
        LOG,
        lambda mu, t: 0.5 * (1 + t - mu**2 - t.exp()).sum(-1),
    ),
    NearMiss(
        "mu^2 has the wrong sign",
        "one sign of four in 1 + t - mu^2 - e^t",
        KL,
        LOG,
        lambda mu, t: -0.5 * (1 + t + mu**2 - t.exp()).sum(-1),
    ),
    NearMiss(
        "without the 1",
        "a constant has no gradient, so nothing is noticed",
        KL,
        LOG,
        lambda mu, t: 0.5 * (mu**2 + t.exp() - t).sum(-1),
    ),
    NearMiss(
        "mu not squared",
        "a lost exponent",
        KL,
        LOG,
        lambda mu, t: 0.5 * (mu + t.exp() - 1 - t).sum(-1),
    ),
    NearMiss(
        "a log-variance taken for log sigma",
        "the encoder's head changes its meaning",
        KL,
        LOG,
        lambda mu, t: 0.5 * (mu**2 + (2 * t).exp() - 1 - 2 * t).sum(-1),
    ),
    NearMiss(
        "log sigma taken for a log-variance",
        "the same, the other way round",
        KL,
        ("mu", "log_sigma"),
        lambda mu, lam: terms(mu, lam).sum(-1),
    ),
    NearMiss(
        "sigma taken for a variance",
        "a scale by its name",
        KL,
        SIGMA,
        lambda mu, s: 0.5 * (mu**2 + s - 1 - s.log()).sum(-1),
    ),
    NearMiss(
        "a variance taken for sigma",
        "the scale of a normal law is sigma",
        KL,
        ("mu", "variance"),
        lambda mu, v: kl_divergence(
            Normal(mu, v, validate_args=False), Normal(0.0, 1.0)
        ).sum(-1),
    ),
    NearMiss(
        "from p to q",
        "the arguments of a divergence do not commute",
        KL,
        LOG,
        lambda mu, t: 0.5 * ((1 + mu**2) * (-t).exp() - 1 + t).sum(-1),
    ),
    NearMiss(
        "mean over the latent axis",
        "torch.mean in -0.5 * torch.mean(1 + ...)",
        KL,
        LOG,
        lambda mu, t: -0.5 * (1 + t - mu**2 - t.exp()).mean(-1),
    ),
    NearMiss(
        "mean over everything",
        "-0.5 * torch.mean(1 + ...) beside a summed error",
        KL,
        LOG,
        lambda mu, t: -0.5 * (1 + t - mu**2 - t.exp()).mean(),
        "sum_mean",
    ),
    NearMiss(
        "sum over the batch too",
        "-0.5 * torch.sum(1 + ...) as in a first example",
        KL,
        LOG,
        lambda mu, t: -0.5 * (1 + t - mu**2 - t.exp()).sum(),
        "sum_mean",
    ),
    NearMiss(
        "summed over the batch axis",
        "dim=0 for dim=1",
        KL,
        LOG,
        lambda mu, t: terms(mu, t).sum(0),
    ),
    NearMiss(
        "divided by 784 pixels",
        "a per-pixel scale left in from images",
        KL,
        LOG,
        lambda mu, t: terms(mu, t).sum(-1) / 784,
    ),
    NearMiss(
        "weighted by a beta of 4",
        "a weight of the training, inside the function",
        KL,
        LOG,
        lambda mu, t: 4 * terms(mu, t).sum(-1),
    ),
    NearMiss(
        "free bits",
        "a floor of 0.1 nats a coordinate",
        KL,
        LOG,
        lambda mu, t: terms(mu, t).clamp(min=0.1).sum(-1),
    ),
    NearMiss(
        "log-variance clamped to [-30, 20]",
        "common in latent diffusion encoders",
        KL,
        LOG,
        lambda mu, t: terms(mu, t.clamp(-30.0, 20.0)).sum(-1),
    ),
    NearMiss(
        "e^t clamped at t = 10",
        "against overflow in half precision",
        KL,
        LOG,
        lambda mu, t: 0.5 * (mu**2 + t.clamp(max=10.0).exp() - 1 - t).sum(-1),
    ),
    NearMiss(
        "1e-8 inside the log",
        "against log 0",
        KL,
        SIGMA,
        lambda mu, s: 0.5 * (mu**2 + s**2 - 1 - (s**2 + 1e-8).log()).sum(-1),
    ),
    NearMiss(
        "1e-6 added to sigma",
        "against a zero scale",
        KL,
        SIGMA,
        lambda mu, s: terms(mu, 2 * (s + 1e-6).log()).sum(-1),
    ),
    NearMiss(
        "the exponential in half precision",
        "autocast round the whole step",
        KL,
        LOG,
        lambda mu, t: 0.5 * (mu**2 + t.half().exp().to(t.dtype) - 1 - t).sum(-1),
    ),
    NearMiss(
        "no gradient through mu",
        "a detach for the reconstruction, left in",
        KL,
        LOG,
        lambda mu, t: terms(mu.detach(), t).sum(-1),
    ),
    NearMiss(
        "absolute value",
        "against a negative divergence that was another error",
        KL,
        SIGMA,
        lambda mu, s: (0.5 * (mu**2 + s**2 - 1 - s.log()).sum(-1)).abs(),
    ),
    NearMiss(
        "the first terms of a series",
        "right near the prior",
        KL,
        LOG,
        lambda mu, t: 0.5 * (mu**2 + t**2 / 2 + t**3 / 6).sum(-1),
    ),
    NearMiss(
        "one draw for the mean",
        "an estimate where the closed form is promised",
        KL,
        LOG,
        _of_chance,
    ),
    NearMiss(
        "relu of the terms near 0, in float32",
        "against negative rounding: 1e-4",
        KL,
        LOG,
        lambda mu, t: relu(terms(mu, t) - 1e-4).sum(-1),
        dtype="float32",
    ),
)
