"""The gradient of the divergence in mu and in each of the four parameters of sigma.

Differentiated from `gaussian_kl`, whose change of variable is `kl_in_...`; a slope in
mu is the same in all four. The slope in sigma is unbounded as sigma -> 0, the one in
the log-variance is not: it tends to -1/2.

Main results
  slope_in_mean                      mu_j
  slope_in_sigma                     sigma_j - 1/sigma_j
  slope_in_variance                  (1 - 1/v_j)/2
  slope_in_log_variance              (e^(t_j) - 1)/2
  slope_in_log_sigma                 e^(2 lambda_j) - 1
  slope_in_..._by_rules  the same first line, and rules alone

Limits: sigma_j and v_j are positive; j is between 1 and k.

Reference: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, appendix B.
"""

from __future__ import annotations

from sympy import Derivative, Expr, Indexed

from derivations import rules
from derivations.chain import Derivation, derivation
from derivations.vae.parametrisation import KL_IN, PARAMETRISATIONS, kl_in_sigma
from derivations.vae.setting import j, mu


def slope(
    divergence: Derivation, coordinate: Indexed, value: Expr | None, name: str
) -> Derivation:
    """The chain from d KL/d coordinate to `value`, or by the rule alone."""

    def chain():
        yield Derivative(divergence.rhs, coordinate)
        if value is None:
            yield rules.differentiate
        else:
            yield value, rules.differentiate

    chain.__name__ = name
    chain.__doc__ = f"The derivative of KL(q || p) in {coordinate}, in nats."
    return derivation(chain)


slope_in_mean = slope(kl_in_sigma, mu[j], mu[j], "slope_in_mean")
(
    slope_in_sigma,
    slope_in_variance,
    slope_in_log_variance,
    slope_in_log_sigma,
) = SLOPES = tuple(
    slope(divergence, row.base[j], row.slope, f"slope_in_{row.name}")
    for divergence, row in zip(KL_IN, PARAMETRISATIONS, strict=True)
)
(
    slope_in_sigma_by_rules,
    slope_in_variance_by_rules,
    slope_in_log_variance_by_rules,
    slope_in_log_sigma_by_rules,
) = SLOPES_BY_RULES = tuple(
    slope(divergence, row.base[j], None, f"slope_in_{row.name}_by_rules")
    for divergence, row in zip(KL_IN, PARAMETRISATIONS, strict=True)
)
