"""The gradient of the divergence between two diagonal Gaussians, in all parameters.

Differentiated from the textbook form in each parametrisation of `kl_between_in`. It
vanishes where the two laws agree, and there each piece does: differences of parameters
and expm1 of such, which are exact to rounding near 0.

Main results
  between_in_..._slope_in_mu1, ..._in_mu2           shift over the second variance
  between_in_..._slope_in_first, ..._in_second      in the scales of the two laws

Limits: j is between 1 and k. In the scale of the second law the two pieces may have
opposite signs: a larger scale brings the means nearer, and the scales apart. The slope
is 0 on that whole surface (sigma2^2 = sigma1^2 + shift^2), where any form cancels; this
one is right to rounding of its larger piece. No piece of it overflows before the
divergence does.

Reference: Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition, 2002,
sections 1.7 and 1.14.1.
"""

from __future__ import annotations

from sympy import Derivative, Expr, Indexed, Sum, exp

from derivations import rules
from derivations.chain import Derivation, derivation
from derivations.functions import expm1, has_named
from derivations.vae.gaussian_kl_between import mu1, mu2, sigma1, sigma2
from derivations.vae.kl_between_in import PAIRS, Pair, lam1, lam2, t1, t2, v1, v2
from derivations.vae.setting import each, j

shift = mu1[j] - mu2[j]
apart = (sigma1[j] - sigma2[j]) / sigma2[j]
log_ratio = t1[j] - t2[j]
twice_log_ratio = 2 * (lam1[j] - lam2[j])

# for each parametrisation: in mu1, and in the scale of the first and the second law
PIECES = {
    "sigma": (
        shift / sigma2[j] ** 2,
        apart * (1 + sigma1[j] / sigma2[j]) / sigma1[j],
        -((shift / sigma2[j]) ** 2 + apart * (1 + sigma1[j] / sigma2[j])) / sigma2[j],
    ),
    "variance": (
        shift / v2[j],
        (v1[j] - v2[j]) / v2[j] / v1[j] / 2,
        -(shift**2 / v2[j] + (v1[j] - v2[j]) / v2[j]) / v2[j] / 2,
    ),
    "log_variance": (
        shift * exp(-t2[j]),
        expm1(log_ratio) / 2,
        -(shift**2 * exp(-t2[j]) + expm1(log_ratio)) / 2,
    ),
    "log_sigma": (
        shift * exp(-2 * lam2[j]),
        expm1(twice_log_ratio),
        -(shift**2 * exp(-2 * lam2[j]) + expm1(twice_log_ratio)),
    ),
}


def textbook(pair: Pair) -> Expr:
    """The divergence in the parameters of the row, as a textbook has it."""
    return Sum(pair.term, each) / 2


def slope_between(
    pair: Pair, coordinate: Indexed, value: Expr, where: str
) -> Derivation:
    """The chain from the derivative of the divergence in `coordinate` to `value`."""

    unfolded = (rules.definition,) if has_named(value) else ()

    def chain():
        yield Derivative(textbook(pair), coordinate)
        yield value, rules.differentiate, *unfolded

    chain.__name__ = f"between_in_{pair.name}_slope_in_{where}"
    chain.__doc__ = f"The derivative of the divergence in {coordinate}, in nats."
    return derivation(chain)


def slopes_between(pair: Pair) -> tuple[Derivation, ...]:
    """The four derivatives: in mu1, in mu2, in the first scale, in the second one."""
    in_mean, in_first, in_second = PIECES[pair.name]
    return (
        slope_between(pair, mu1[j], in_mean, "mu1"),
        slope_between(pair, mu2[j], opposite(in_mean), "mu2"),
        slope_between(pair, pair.first[j], in_first, "first"),
        slope_between(pair, pair.second[j], in_second, "second"),
    )


def opposite(value: Expr) -> Expr:
    """Minus `value`, with the shift of the means turned round."""
    return value.xreplace({shift: mu2[j] - mu1[j]})


(
    (
        between_in_sigma_slope_in_mu1,
        between_in_sigma_slope_in_mu2,
        between_in_sigma_slope_in_first,
        between_in_sigma_slope_in_second,
    ),
    (
        between_in_variance_slope_in_mu1,
        between_in_variance_slope_in_mu2,
        between_in_variance_slope_in_first,
        between_in_variance_slope_in_second,
    ),
    (
        between_in_log_variance_slope_in_mu1,
        between_in_log_variance_slope_in_mu2,
        between_in_log_variance_slope_in_first,
        between_in_log_variance_slope_in_second,
    ),
    (
        between_in_log_sigma_slope_in_mu1,
        between_in_log_sigma_slope_in_mu2,
        between_in_log_sigma_slope_in_first,
        between_in_log_sigma_slope_in_second,
    ),
) = SLOPES_BETWEEN = tuple(map(slopes_between, PAIRS))
