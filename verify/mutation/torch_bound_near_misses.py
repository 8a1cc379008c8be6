"""Lower bounds that people wrote wrong; all are (batch, size)."""

from __future__ import annotations

from verify.mutation.near_miss import NearMiss
from verify.mutation.torch_kl_near_misses import terms as kl
from verify.mutation.torch_likelihood_near_misses import bce

BOUND = ("logits", "target", "mu", "log_variance")
ELBO = "bernoulli_elbo"

NEAR_MISSES = (
    NearMiss(
        "the divergence added",
        "the sign of one part",
        ELBO,
        BOUND,
        lambda h, x, mu, t: -bce(h, x).sum(-1) + kl(mu, t).sum(-1),
    ),
    NearMiss(
        "minus the bound",
        "what is minimised, under the bound's name",
        ELBO,
        BOUND,
        lambda h, x, mu, t: bce(h, x).sum(-1) + kl(mu, t).sum(-1),
    ),
    NearMiss(
        "the divergence averaged",
        "a mean beside a sum",
        ELBO,
        BOUND,
        lambda h, x, mu, t: -bce(h, x).sum(-1) - kl(mu, t).mean(-1),
    ),
    NearMiss(
        "the reconstruction averaged",
        "the same, the other part",
        ELBO,
        BOUND,
        lambda h, x, mu, t: -bce(h, x).mean(-1) - kl(mu, t).sum(-1),
    ),
    NearMiss(
        "the divergence weighted by 0.1",
        "a weight of the training",
        ELBO,
        BOUND,
        lambda h, x, mu, t: -bce(h, x).sum(-1) - 0.1 * kl(mu, t).sum(-1),
    ),
    NearMiss(
        "the divergence left out",
        "an autoencoder",
        ELBO,
        BOUND,
        lambda h, x, mu, t: -bce(h, x).sum(-1) + 0 * kl(mu, t * 0).sum(-1),
    ),
    NearMiss(
        "averaged over the batch twice",
        "a mean of a mean",
        ELBO,
        BOUND,
        lambda h, x, mu, t: (-bce(h, x).sum(-1) - kl(mu, t).sum(-1)).mean() / len(mu),
        "sum_mean",
    ),
)
