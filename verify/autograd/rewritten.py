"""The definitions as people write them: what a right implementation may round.

Each program equals the definition, and is the average of ways to write it, so that the
roundings of each way count. It serves to bound the rounding of a candidate and for
nothing else: no value is compared with it.

A divergence is not computed from draws, so that there is no (mu + sigma e) - mu in it:
the density of a draw is that of the noise, divided by sigma. The logarithms of two
scales are subtracted, or one is taken of their ratio. Beside log(1 - D) and log D there
are -h - log(1 + e^-h) and h - log(1 + e^h): their slopes are differences of numbers of
order 1, as those of `binary_cross_entropy_with_logits`.
"""

from __future__ import annotations

from typing import Any

from verify.autograd.definitions import (
    DEFINITIONS,
    Numbers,
    Program,
    drawn,
    log_multivariate,
    log_standard_normal,
)


def _gaussian_kl(of: Numbers, noise: Any) -> Any:
    z = of["mu"] + of["scale"] * noise
    own = log_standard_normal(noise) - of["scale"].log()
    return (own - log_standard_normal(z)).mean(0)


def _gaussian_kl_between(of: Numbers, noise: Any) -> Any:
    first, second = of["scale1"], of["scale2"]
    apart = of["mu1"] - of["mu2"] + first * noise
    mean = (log_standard_normal(noise) - log_standard_normal(apart / second)).mean(0)
    ratio = (second / first).square().log() / 2
    return mean + (second.log() - first.log() + ratio) / 2


def _multivariate(of: Numbers, noise: Any) -> Any:
    z, size = drawn(of["mu1"], of["tril1"], noise), noise.shape[-1]
    logs = sum(of["tril1"][..., i, i].log() for i in range(size))
    own = sum(log_standard_normal(noise[..., i]) for i in range(size)) - logs
    return (own - log_multivariate(z, of["mu2"], of["tril2"])).mean(0)


def _log_d(of: Numbers, noise: Any) -> Any:
    d, h = of["logits"], of["h"]
    if h is None:
        return d.log()
    return (d.log() + h - (1 + h.exp()).log()) / 2


def _log_one_minus_d(of: Numbers, noise: Any) -> Any:
    d, h = of["logits"], of["h"]
    if h is None:
        return (1 - d).log()
    return ((1 - d).log() - h - (1 + (-h).exp()).log()) / 2


def _bernoulli_nll(of: Numbers, noise: Any) -> Any:
    x = of["target"]
    return -(x * _log_d(of, noise) + (1 - x) * _log_one_minus_d(of, noise))


PROGRAMS: dict[str, Program] = DEFINITIONS | {
    "gaussian_kl": _gaussian_kl,
    "gaussian_kl_between": _gaussian_kl_between,
    "multivariate": _multivariate,
    "log_d": _log_d,
    "log_one_minus_d": _log_one_minus_d,
    "bernoulli_nll": _bernoulli_nll,
}
"""As `DEFINITIONS`."""
