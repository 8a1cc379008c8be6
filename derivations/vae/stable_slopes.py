"""The gradient of the divergence in a form that keeps its digits near 0.

The gradient vanishes where q is the standard normal. There sigma - 1/sigma and e^t - 1
subtract numbers that agree; sigma_j - 1 and v_j - 1 are exact near 1, and expm1 is near
0. Each line is a product, and no factor of it overflows before the product does.

Main results
  stable_slope_in_mean          mu_j
  stable_slope_in_sigma         (sigma_j - 1)(1 + 1/sigma_j)
  stable_slope_in_variance      (v_j - 1)/(2 v_j)
  stable_slope_in_log_variance  expm1(t_j)/2
  stable_slope_in_log_sigma     expm1(2 lambda_j)

Limits: sigma_j and v_j are positive; j is between 1 and k. (sigma - 1) + (sigma - 1)/
sigma is the slope in sigma too, but as a sum it would be flattened, and cancel. The
second derivatives are those of `kl_hessian`, where nothing is subtracted.

Reference: Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition, 2002,
section 1.14.1.
"""

from __future__ import annotations

from sympy import Expr, Indexed

from derivations import rules
from derivations.chain import Derivation, derivation
from derivations.functions import expm1, has_named
from derivations.vae.kl_slopes import SLOPES, slope_in_mean
from derivations.vae.parametrisation import PARAMETRISATIONS, lam, t, v
from derivations.vae.setting import j, mu, sigma

IN = {
    "sigma": (sigma[j] - 1) * (1 + 1 / sigma[j]),
    "variance": (v[j] - 1) / (2 * v[j]),
    "log_variance": expm1(t[j]) / 2,
    "log_sigma": expm1(2 * lam[j]),
}
"""The derivative in coordinate j of each parameter."""


def stable_slope(
    textbook: Derivation, coordinate: Indexed, parameter: str, value: Expr
) -> Derivation:
    """The chain from a derivative of the divergence, through its textbook form."""

    def chain():
        yield textbook.lhs
        yield textbook.rhs, textbook
        yield value, *((rules.definition,) if has_named(value) else ())

    chain.__name__ = f"stable_slope_in_{parameter}"
    chain.__doc__ = f"The derivative of KL(q || p) in {coordinate}, without cancelling."
    return derivation(chain)


stable_slope_in_mean = stable_slope(slope_in_mean, mu[j], "mean", mu[j])
(
    stable_slope_in_sigma,
    stable_slope_in_variance,
    stable_slope_in_log_variance,
    stable_slope_in_log_sigma,
) = STABLE_SLOPES = tuple(
    stable_slope(textbook, row.base[j], row.name, IN[row.name])
    for textbook, row in zip(SLOPES, PARAMETRISATIONS, strict=True)
)
