"""The Hessian of the divergence between two diagonal Gaussians, in all parameters.

Each line has Kronecker's delta, so it states the diagonal and the zeros beside it at
once; entries of the first scale with a mean are 0 altogether. The divergence is convex
in the first law's parameters, not in the second scale: in sigma and in the variance the
pieces of `..._of_second_second` have opposite signs, and it is negative where the
second law is much the wider one. In the two logarithms it is positive.

Main results
  between_in_..._of_mu1_mu1, ..._of_mu1_mu2, and so on for mu1, mu2, first and second

Limits: j and l are between 1 and k. Reference: Boyd and Vandenberghe, "Convex
Optimization", 2004, section 3.1.4.
"""

from __future__ import annotations

from sympy import Derivative, Expr, Indexed, KroneckerDelta, S, exp

from derivations import rules
from derivations.chain import Derivation, derivation
from derivations.vae.gaussian_kl_between import mu1, mu2, sigma1, sigma2
from derivations.vae.kl_between_in import PAIRS, Pair, lam1, lam2, t1, t2, v1, v2
from derivations.vae.kl_between_slopes import shift, textbook
from derivations.vae.setting import j, l

same = KroneckerDelta(j, l)
log_ratio = t1[j] - t2[j]
twice_log_ratio = 2 * (lam1[j] - lam2[j])

# for each parametrisation: of mu1 twice, of mu2 and the second scale but for the shift,
# of the first scale, of both, and of the second one
PIECES = {
    "sigma": (
        1 / sigma2[j] ** 2,
        2 / sigma2[j] ** 3,
        1 / sigma1[j] ** 2 + 1 / sigma2[j] ** 2,
        -2 * sigma1[j] / sigma2[j] ** 3,
        (3 * (sigma1[j] / sigma2[j]) ** 2 + 3 * (shift / sigma2[j]) ** 2 - 1)
        / sigma2[j] ** 2,
    ),
    "variance": (
        1 / v2[j],
        1 / v2[j] ** 2,
        1 / (2 * v1[j] ** 2),
        -1 / (2 * v2[j] ** 2),
        (v1[j] / v2[j] + shift**2 / v2[j] - S.Half) / v2[j] ** 2,
    ),
    "log_variance": (
        exp(-t2[j]),
        exp(-t2[j]),
        exp(log_ratio) / 2,
        -exp(log_ratio) / 2,
        exp(log_ratio) / 2 + shift**2 * exp(-t2[j]) / 2,
    ),
    "log_sigma": (
        exp(-2 * lam2[j]),
        2 * exp(-2 * lam2[j]),
        2 * exp(twice_log_ratio),
        -2 * exp(twice_log_ratio),
        2 * exp(twice_log_ratio) + 2 * shift**2 * exp(-2 * lam2[j]),
    ),
}


def entry(
    pair: Pair, row: Indexed, column: Indexed, value: Expr, where: str
) -> Derivation:
    """The chain from the derivative in `row` and `column` to the diagonal `value`."""

    def chain():
        yield Derivative(textbook(pair), row, column)
        yield same * value, rules.differentiate

    chain.__name__ = f"between_in_{pair.name}_of_{where}"
    chain.__doc__ = f"The derivative of the divergence in {row} and {column}, in nats."
    return derivation(chain)


def entries(pair: Pair) -> tuple[Derivation, ...]:
    """The ten entries on and above the diagonal of the blocks."""
    mean, turns, first, both, second = PIECES[pair.name]
    one, other, back = pair.first, pair.second, mu2[j] - mu1[j]
    return (
        entry(pair, mu1[j], mu1[l], mean, "mu1_mu1"),
        entry(pair, mu1[j], mu2[l], -mean, "mu1_mu2"),
        entry(pair, mu2[j], mu2[l], mean, "mu2_mu2"),
        entry(pair, mu1[j], one[l], S.Zero, "mu1_first"),
        entry(pair, mu2[j], one[l], S.Zero, "mu2_first"),
        entry(pair, mu1[j], other[l], turns * back, "mu1_second"),
        entry(pair, mu2[j], other[l], turns * shift, "mu2_second"),
        entry(pair, one[j], one[l], first, "first_first"),
        entry(pair, one[j], other[l], both, "first_second"),
        entry(pair, other[j], other[l], second, "second_second"),
    )


(
    (
        between_in_sigma_of_mu1_mu1,
        between_in_sigma_of_mu1_mu2,
        between_in_sigma_of_mu2_mu2,
        between_in_sigma_of_mu1_first,
        between_in_sigma_of_mu2_first,
        between_in_sigma_of_mu1_second,
        between_in_sigma_of_mu2_second,
        between_in_sigma_of_first_first,
        between_in_sigma_of_first_second,
        between_in_sigma_of_second_second,
    ),
    (
        between_in_variance_of_mu1_mu1,
        between_in_variance_of_mu1_mu2,
        between_in_variance_of_mu2_mu2,
        between_in_variance_of_mu1_first,
        between_in_variance_of_mu2_first,
        between_in_variance_of_mu1_second,
        between_in_variance_of_mu2_second,
        between_in_variance_of_first_first,
        between_in_variance_of_first_second,
        between_in_variance_of_second_second,
    ),
    (
        between_in_log_variance_of_mu1_mu1,
        between_in_log_variance_of_mu1_mu2,
        between_in_log_variance_of_mu2_mu2,
        between_in_log_variance_of_mu1_first,
        between_in_log_variance_of_mu2_first,
        between_in_log_variance_of_mu1_second,
        between_in_log_variance_of_mu2_second,
        between_in_log_variance_of_first_first,
        between_in_log_variance_of_first_second,
        between_in_log_variance_of_second_second,
    ),
    (
        between_in_log_sigma_of_mu1_mu1,
        between_in_log_sigma_of_mu1_mu2,
        between_in_log_sigma_of_mu2_mu2,
        between_in_log_sigma_of_mu1_first,
        between_in_log_sigma_of_mu2_first,
        between_in_log_sigma_of_mu1_second,
        between_in_log_sigma_of_mu2_second,
        between_in_log_sigma_of_first_first,
        between_in_log_sigma_of_first_second,
        between_in_log_sigma_of_second_second,
    ),
) = HESSIANS_BETWEEN = tuple(map(entries, PAIRS))
