"""What torch has of the losses: torch.distributions and torch.nn.functional."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.distributions import (
    Bernoulli,
    Independent,
    MultivariateNormal,
    Normal,
    kl_divergence,
)
from torch.nn import functional as F

from verify.peers.peer import Witness

FLOOR = 1e-6  # of a variance, gaussian_nll_loss's own
GENERATORS = (("nonsaturating_generator_loss", 1.0), ("saturating_generator_loss", 0.0))
"""With the target whose cross-entropy they are, up to the sign."""


def normals(mu1: Tensor, mu2: Tensor, sigma1: Tensor, sigma2: Tensor) -> Tensor:
    """Of one coordinate each."""
    first = Normal(mu1, sigma1, validate_args=False)
    return kl_divergence(first, Normal(mu2, sigma2, validate_args=False))


def independent(mu1: Tensor, mu2: Tensor, sigma1: Tensor, sigma2: Tensor) -> Tensor:
    """Vectors of one coordinate."""
    laws = [
        Independent(Normal(m[..., None], s[..., None], validate_args=False), 1)
        for m, s in ((mu1, sigma1), (mu2, sigma2))
    ]
    return kl_divergence(*laws)


def multivariate(mu1: Tensor, mu2: Tensor, sigma1: Tensor, sigma2: Tensor) -> Tensor:
    """Vectors of one coordinate, with a covariance of one entry."""
    laws = [
        MultivariateNormal(
            m[..., None], scale_tril=s[..., None, None], validate_args=False
        )
        for m, s in ((mu1, sigma1), (mu2, sigma2))
    ]
    return kl_divergence(*laws)


def to_standard(between: Callable[..., Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """A divergence from the standard normal."""

    def divergence(mu: Tensor, sigma: Tensor) -> Tensor:
        return between(mu, torch.zeros_like(mu), sigma, torch.ones_like(sigma))

    return divergence


def log_prob(mean: Tensor, target: Tensor, sigma: Tensor) -> Tensor:
    """Less the log-density."""
    return -Normal(mean, sigma, validate_args=False).log_prob(target)


def full(mean: Tensor, target: Tensor, variance: Tensor) -> Tensor:
    """With its constant, and its floor as it comes."""
    return F.gaussian_nll_loss(
        mean, target, variance, full=True, eps=FLOOR, reduction="none"
    )


def of_logits(h: Tensor, x: Tensor) -> Tensor:
    """The cross-entropy of a logit."""
    return F.binary_cross_entropy_with_logits(h, x, reduction="none")


def of_chances(p: Tensor, x: Tensor) -> Tensor:
    """The cross-entropy of a probability."""
    return F.binary_cross_entropy(p, x, reduction="none")


def bernoulli(h: Tensor, x: Tensor) -> Tensor:
    """Less the log-probability."""
    return -Bernoulli(logits=h, validate_args=False).log_prob(x)


def logsumexp(h: Tensor) -> Tensor:
    """log(e^0 + e^-h)."""
    return torch.logsumexp(torch.stack([torch.zeros_like(h), -h]), dim=0)


def _with_target(cross_entropy: Callable, target: float) -> Callable[[Tensor], Tensor]:
    sign = 1.0 if target else -1.0
    return lambda h: sign * cross_entropy(h, torch.full_like(h, target))


def _signed(towards_one: Callable[[Tensor], Tensor], target: float) -> Callable:
    """From -log s(h): the saturating loss is minus that of -h."""
    return towards_one if target else lambda h: -towards_one(-h)


DIVERGENCES = (
    ("kl_divergence(Normal, Normal)", normals),
    ("kl_divergence(Independent, Independent)", independent),
    ("kl_divergence(MultivariateNormal, MultivariateNormal)", multivariate),
)
CROSS_ENTROPIES = (
    ("F.binary_cross_entropy_with_logits", "logits", of_logits),
    ("F.binary_cross_entropy", "probabilities", of_chances),
    ("Bernoulli.log_prob", "logits", bernoulli),
)
OF_A_LOGIT: tuple[tuple[str, Callable[[Tensor], Tensor]], ...] = (
    ("F.softplus", lambda h: F.softplus(-h)),
    ("F.logsigmoid", lambda h: -F.logsigmoid(h)),
    ("torch.logsumexp", logsumexp),
)
WITNESSES = (
    *(
        Witness(name, "gaussian_kl", ("mu", "sigma"), to_standard(between))
        for name, between in DIVERGENCES
    ),
    *(
        Witness(name, "gaussian_kl_between", ("mu", "mu", "sigma", "sigma"), between)
        for name, between in DIVERGENCES
    ),
    *(
        Witness(name, loss, (word,), _with_target(cross_entropy, target))
        for loss, target in GENERATORS
        for name, word, cross_entropy in CROSS_ENTROPIES
    ),
    *(
        Witness(name, loss, ("logits",), _signed(function, target))
        for loss, target in GENERATORS
        for name, function in OF_A_LOGIT
    ),
    *(
        Witness(name, "bernoulli_nll", (word, "target"), cross_entropy)
        for name, word, cross_entropy in CROSS_ENTROPIES
    ),
    Witness("Normal.log_prob", "gaussian_nll", ("mean", "target", "sigma"), log_prob),
    Witness(
        "F.gaussian_nll_loss", "gaussian_nll", ("mean", "target", "variance"), full
    ),
)
FRAMEWORK, MODULE = "torch", torch
