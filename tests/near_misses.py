"""Wrong losses that somebody might write, for tensors, in the measure log-variance.

Each is built on the reference, so that nothing else is wrong with it. What they are
asked is which method finds them out.
"""

from __future__ import annotations

from typing import Any

from subjects import CASES, Function, reference
from verify.losses.candidate import Candidate

T = Any  # a tensor
WORD = "log_variance"


def key(name: str) -> str:
    """The case of a loss in which the near misses are written."""
    return next(k for k in (f"{name}, {WORD}", name) if k in CASES)


KL, BETWEEN, NLL = (
    reference(CASES[key(name)])
    for name in ("gaussian_kl", "gaussian_kl_between", "gaussian_nll")
)
SATURATING, NONSATURATING, DISCRIMINATOR, MULTIVARIATE, BERNOULLI = (
    reference(CASES[key(name)])
    for name in (
        *("saturating_generator_loss", "nonsaturating_generator_loss"),
        *("discriminator_loss", "multivariate_gaussian_kl", "bernoulli_nll"),
    )
)
OF_IMAGES, OF_DATA = (
    reference(CASES[key(name)]) for name in ("bernoulli_elbo", "gaussian_elbo")
)


def floored(h: T) -> T:
    """log(1 - D), D at most 0.99."""
    return (1 - h.sigmoid()).clamp(min=0.01).log().mean()


def half_way(value: T) -> T:
    """The same value, with half of the gradient."""
    return (value + value.detach()) / 2


NEAR_MISSES: dict[str, dict[str, Function]] = {
    "gaussian_kl": {
        "no half before the squares": lambda m, t: KL(m, t) + (m**2).sum(-1) / 2,
        "the logarithm of sigma": lambda m, t: KL(m, t) + t.sum(-1) / 4,
        "no -1": lambda m, t: KL(m, t) + t.shape[-1] / 2,
        "a detached scale": lambda m, t: KL(m, t.detach()),
        "half of the gradient": lambda m, t: half_way(KL(m, t)),
    },
    "saturating_generator_loss": {
        "the other loss": lambda h: -NONSATURATING(h),
        "a floor under 1 - D": floored,
        "no gradient": lambda h: 0 * h.mean() + SATURATING(h).detach(),
        "half of the gradient": lambda h: half_way(SATURATING(h)),
    },
    "nonsaturating_generator_loss": {
        "the other loss": lambda h: -SATURATING(h),
        "the sign": lambda h: -NONSATURATING(h),
        "D for its logarithm": lambda h: -h.sigmoid().mean(),
        "the gradient turned round": lambda h: (
            2 * NONSATURATING(h).detach() - NONSATURATING(h)
        ),
    },
    "discriminator_loss": {
        "half of it": lambda r, f: DISCRIMINATOR(r, f) / 2,
        "labels changed": lambda r, f: DISCRIMINATOR(f, r),
        "labels of 0.9": lambda r, f: (
            0.9 * DISCRIMINATOR(r, f) + 0.1 * DISCRIMINATOR(-r, f)
        ),
        "generated samples detached": lambda r, f: DISCRIMINATOR(r, f.detach()),
    },
    "gaussian_kl_between": {
        "the laws changed": lambda m, n, t, u: BETWEEN(n, m, u, t),
        "the distance by the first": lambda m, n, t, u: (
            BETWEEN(m, m, t, u) + ((m - n) ** 2 / t.exp()).sum(-1) / 2
        ),
        "the second law detached": lambda m, n, t, u: BETWEEN(
            m, n.detach(), t, u.detach()
        ),
    },
    "multivariate_gaussian_kl": {
        "the laws changed": lambda m, a, n, b: MULTIVARIATE(n, b, m, a),
        "no half before the distance": lambda m, a, n, b: (
            2 * MULTIVARIATE(m, a, n, b) - MULTIVARIATE(n, a, n, b)
        ),
        "a detached factor": lambda m, a, n, b: MULTIVARIATE(m, a.detach(), n, b),
    },
    "bernoulli_nll": {
        "a mean over outputs": lambda h, x: BERNOULLI(h, x) / (h.shape[-1] + 1),
        "targets turned round": lambda h, x: BERNOULLI(h, 1 - x),
        "half of the gradient": lambda h, x: half_way(BERNOULLI(h, x)),
    },
    "gaussian_nll": {
        "no constant": lambda m, x, t: NLL(m, x, t) - 0.9189385 * m.shape[-1],
        "no half of the logarithm": lambda m, x, t: NLL(m, x, t) + t.sum(-1) / 2,
        "a detached scale": lambda m, x, t: NLL(m, x, t.detach()),
    },
    "bernoulli_elbo": {
        "the divergence added": lambda h, x, m, t: OF_IMAGES(h, x, m, t) + 2 * KL(m, t),
        "the divergence halved": lambda h, x, m, t: (
            OF_IMAGES(h, x, m, t) + KL(m, t) / 2
        ),
        "a detached encoder": lambda h, x, m, t: OF_IMAGES(h, x, m.detach(), t),
    },
    "gaussian_elbo": {
        "the sign": lambda *given: -OF_DATA(*given),
        "unit noise": lambda a, x, m, s, t: OF_DATA(a, x, m, 0 * s, t),
        "the divergence halved": lambda a, x, m, s, t: (
            OF_DATA(a, x, m, s, t) + KL(m, t) / 2
        ),
        "a detached decoder": lambda a, x, m, s, t: OF_DATA(a.detach(), x, m, s, t),
    },
}
"""By the loss. Of each, one at least has a right value with a wrong gradient."""


def planted(name: str, miss: str, dtype: str = "float64") -> Candidate:
    """A near miss to be judged."""
    return Candidate(miss, NEAR_MISSES[name][miss], CASES[key(name)], dtype)


def right(case: str, dtype: str = "float64") -> Candidate:
    """The reference to be judged."""
    return Candidate(case, reference(CASES[case]), CASES[case], dtype)
