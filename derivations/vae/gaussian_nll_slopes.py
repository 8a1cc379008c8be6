"""The gradient of the negative log-likelihood of a Gaussian decoder.

In the mean and in the target it is one quotient, whose numerator is exact where they
are close. In the scale it has either sign: it is 0 where the target is one deviation
from the mean, and is written as a product there, of 1 - r and 1 + r for the residue
r = (x - mu)/sigma, where the scale is sigma; 1 - r is exact where r is close to 1.

Main results
  gaussian_nll_in_..._slope_in_mean, ..._in_target, ..._in_scale

Limits: j is between 1 and n. In nats. Reference: Higham, "Accuracy and Stability of
Numerical Algorithms", 2nd edition, 2002, section 1.7.
"""

from __future__ import annotations

from sympy import Derivative, Expr, Indexed, exp

from derivations import rules
from derivations.chain import Derivation, derivation
from derivations.vae.bernoulli_nll import x
from derivations.vae.gaussian_nll import GAUSSIAN_NLL
from derivations.vae.parametrisation import PARAMETRISATIONS, Parametrisation, lam, t, v
from derivations.vae.setting import j, mu, sigma

residue = x[j] - mu[j]
relative = residue / sigma[j]

# for each parametrisation: in the target, and in the scale
PIECES = {
    "sigma": (residue / sigma[j] ** 2, (1 - relative) * (1 + relative) / sigma[j]),
    "variance": (residue / v[j], (1 - residue**2 / v[j]) / (2 * v[j])),
    "log_variance": (residue * exp(-t[j]), (1 - residue**2 * exp(-t[j])) / 2),
    "log_sigma": (residue * exp(-2 * lam[j]), 1 - residue**2 * exp(-2 * lam[j])),
}


def slope(nll: Derivation, coordinate: Indexed, value: Expr, where: str) -> Derivation:
    """The chain from the derivative of `nll` in `coordinate` to `value`."""

    def chain():
        yield Derivative(nll.rhs, coordinate)
        yield value, rules.differentiate

    chain.__name__ = f"{nll.name}_slope_in_{where}"
    chain.__doc__ = f"The derivative of -log p(x) in {coordinate}, in nats."
    return derivation(chain)


def slopes(nll: Derivation, row: Parametrisation) -> tuple[Derivation, ...]:
    """The three derivatives: in the mean, in the target, in the scale."""
    in_target, in_scale = PIECES[row.name]
    in_mean = in_target.xreplace({residue: mu[j] - x[j]})
    return (
        slope(nll, mu[j], in_mean, "mean"),
        slope(nll, x[j], in_target, "target"),
        slope(nll, row.base[j], in_scale, "scale"),
    )


(
    (
        gaussian_nll_in_sigma_slope_in_mean,
        gaussian_nll_in_sigma_slope_in_target,
        gaussian_nll_in_sigma_slope_in_scale,
    ),
    (
        gaussian_nll_in_variance_slope_in_mean,
        gaussian_nll_in_variance_slope_in_target,
        gaussian_nll_in_variance_slope_in_scale,
    ),
    (
        gaussian_nll_in_log_variance_slope_in_mean,
        gaussian_nll_in_log_variance_slope_in_target,
        gaussian_nll_in_log_variance_slope_in_scale,
    ),
    (
        gaussian_nll_in_log_sigma_slope_in_mean,
        gaussian_nll_in_log_sigma_slope_in_target,
        gaussian_nll_in_log_sigma_slope_in_scale,
    ),
) = GAUSSIAN_NLL_SLOPES = tuple(map(slopes, GAUSSIAN_NLL, PARAMETRISATIONS))
