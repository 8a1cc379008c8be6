"""What each term is by definition, in power series whose coefficients are balls.

Nothing here is a closed form. A divergence is the mean of log q - log p over q: the log
ratio of two Gaussians is a quadratic in z, whose mean the two Gauss-Hermite nodes mu -
sigma and mu + sigma give exactly. A loss of a logit is the logarithm of the probability
s(h) = 1/(1 + e^-h), or of 1 - s(h), subtracted as it stands: the precision grows until
the ball is narrow.

Beside each term stand the summands that people add up to compute it. Their sizes, and
those of their derivatives, are what rounding is measured against: no way to compute the
term from them is more exact than some units in the last place of the largest. What
is raised from a rounded logarithm carries its rounding, so that sigma^2 log sigma is
among them.

Source: Abramowitz and Stegun, "Handbook of Mathematical Functions", 1964, 25.4.46 (the
nodes); Kingma and Welling, "Auto-Encoding Variational Bayes", 2014 (the definitions).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from flint import arb

from verify.losses.magnitudes import kind_of

Series = Any
"""A power series in one direction of the arguments, flint's `arb_series`."""


class Chance(NamedTuple):
    """A probability, and the logit that it was given as, if it was."""

    probability: Series
    logit: Series | None


@dataclass(frozen=True)
class Definition:
    """A term of one coordinate.

    value     of the arguments of its part, in the part's order, in natural measure:
              scales as standard deviations, logits as chances (see `natural`)
    summands  what people add up to compute it, of the same arguments
    constant  the size of the constants that are added beside, for the value, its slopes
              and its second derivatives
    curved    summands that the second derivatives alone have: what cancels on the way
              back through the logarithm of a scale
    raised    numbers whose own sizes the derivatives have: a probability that is raised
              from a rounded logit h carries h of its roundings
    """

    value: Callable[..., Series]
    summands: Callable[..., tuple[Series, ...]]
    constant: tuple[float, float, float] = (0.0, 0.0, 0.0)
    curved: Callable[..., tuple[Series, ...]] = lambda *given: ()
    raised: Callable[..., tuple[Series, ...]] = lambda *given: ()


def log_density(z: Series, mu: Series, sigma: Series) -> Series:
    """Of N(mu, sigma^2) at z."""
    away = (z - mu) / sigma
    return -away * away / 2 - sigma.log() - (2 * arb.pi()).log() / 2


def divergence(mu1: Series, sigma1: Series, mu2: Series, sigma2: Series) -> Series:
    """The mean of log q - log p under q = N(mu1, sigma1^2), p = N(mu2, sigma2^2)."""
    nodes = (mu1 - sigma1, mu1 + sigma1)
    ratios = [log_density(z, mu1, sigma1) - log_density(z, mu2, sigma2) for z in nodes]
    return (ratios[0] + ratios[1]) / 2


def _kl(mu: Series, sigma: Series) -> Series:
    zero = sigma * 0
    return divergence(mu, sigma, zero, zero + 1)


def _kl_summands(mu: Series, sigma: Series) -> tuple[Series, ...]:
    power = sigma * sigma / 2
    return mu * mu / 2, power, sigma.log(), power * sigma.log() * 2


def _kl_curved(mu: Series, sigma: Series) -> tuple[Series, ...]:
    return _square(sigma.log())


def _square(number: Series) -> tuple[Series, ...]:
    return (number * number,)


def _between(mu1: Series, mu2: Series, sigma1: Series, sigma2: Series) -> Series:
    return divergence(mu1, sigma1, mu2, sigma2)


def _between_summands(
    mu1: Series, mu2: Series, sigma1: Series, sigma2: Series
) -> tuple[Series, ...]:
    away, ratio = (mu1 - mu2) / sigma2, sigma1 / sigma2
    square, power, logs = (
        away * away / 2,
        ratio * ratio / 2,
        (sigma1.log(), sigma2.log()),
    )
    raised = (2 * f * log for f in (square, power) for log in logs)
    return square, power, *logs, *raised


def _between_curved(
    mu1: Series, mu2: Series, sigma1: Series, sigma2: Series
) -> tuple[Series, ...]:
    return *_square(sigma1.log()), *_square(sigma2.log())


def _log_d(chance: Chance) -> Series:
    return chance.probability.log()


def _log_d_summands(chance: Chance) -> tuple[Series, ...]:
    return (_log_d(chance) if chance.logit is None else chance.logit,)


def _log_d_raised(chance: Chance) -> tuple[Series, ...]:
    if chance.logit is None:
        return ()
    return ((1 - chance.probability) * chance.logit,)


def _log_one_minus_d(chance: Chance) -> Series:
    return (1 - chance.probability).log()


def _log_one_minus_d_summands(chance: Chance) -> tuple[Series, ...]:
    return (_log_one_minus_d(chance) if chance.logit is None else chance.logit,)


def _log_one_minus_d_raised(chance: Chance) -> tuple[Series, ...]:
    return () if chance.logit is None else (chance.probability * chance.logit,)


def _cross_entropy(chance: Chance, x: Series) -> Series:
    return -(x * _log_d(chance) + (1 - x) * _log_one_minus_d(chance))


def _cross_entropy_summands(chance: Chance, x: Series) -> tuple[Series, ...]:
    if chance.logit is None:
        return x * _log_d(chance), (1 - x) * _log_one_minus_d(chance)
    return x * chance.logit, chance.logit


def _cross_entropy_raised(chance: Chance, x: Series) -> tuple[Series, ...]:
    return _log_d_raised(chance) + _log_one_minus_d_raised(chance)


def _nll(mean: Series, x: Series, sigma: Series) -> Series:
    return -log_density(x, mean, sigma)


def _nll_summands(mean: Series, x: Series, sigma: Series) -> tuple[Series, ...]:
    away = (x - mean) / sigma
    square = away * away / 2
    return square, sigma.log(), square * sigma.log() * 2


def _nll_curved(mean: Series, x: Series, sigma: Series) -> tuple[Series, ...]:
    return _square(sigma.log())


OF_ONE = (1.0, 1.0, 1.0)
OF_HALF, OF_ONE_ONCE = (0.5, 0.0, 0.0), (1.0, 0.0, 0.0)
DEFINITIONS: dict[str, Definition] = {
    "gaussian_kl": Definition(_kl, _kl_summands, OF_HALF, _kl_curved),
    "gaussian_kl_between": Definition(
        _between, _between_summands, OF_HALF, _between_curved
    ),
    "log_d": Definition(_log_d, _log_d_summands, OF_ONE, raised=_log_d_raised),
    "log_one_minus_d": Definition(
        _log_one_minus_d,
        _log_one_minus_d_summands,
        OF_ONE,
        raised=_log_one_minus_d_raised,
    ),
    "bernoulli_nll": Definition(
        _cross_entropy, _cross_entropy_summands, OF_ONE, raised=_cross_entropy_raised
    ),
    "gaussian_nll": Definition(_nll, _nll_summands, OF_ONE_ONCE, _nll_curved),
}
"""By the names of the parts."""


def natural(word: str, given: Series) -> Any:
    """The natural measure of an argument: what its word says it is.

    A scale is a standard deviation; a logit or a probability is a Chance.
    """
    match kind_of(word):
        case "variance":
            return given.sqrt()
        case "log_variance":
            return (given / 2).exp()
        case "log_sigma":
            return given.exp()
        case "logits":
            return Chance(1 / (1 + (-given).exp()), given)
        case "probabilities":
            return Chance(given, None)
    return given
