"""The Hessian of the divergence in mu and in each of the four parameters of sigma.

It is diagonal: an entry of two different coordinates, or of a mean and a deviation, is
0. Each line has Kronecker's delta, so it states the diagonal and the zeros beside it at
once. Every diagonal entry is positive in all four, so the divergence is strictly convex
there.

Main results
  hessian_in_mean            delta_jl
  hessian_in_sigma           delta_jl (1 + 1/sigma_j^2)
  hessian_in_variance        delta_jl / (2 v_j^2)
  hessian_in_log_variance    delta_jl e^(t_j)/2
  hessian_in_log_sigma       2 delta_jl e^(2 lambda_j)
  mixed_in_...               0: a mean with a deviation
  hessian_in_..._by_rules    the same first line, and rules alone

Limits: sigma_j and v_j are positive; j and l are between 1 and k.

Reference: Boyd and Vandenberghe, "Convex Optimization", 2004, section 3.1.4.
"""

from __future__ import annotations

from sympy import Derivative, Expr, Indexed, KroneckerDelta, S

from derivations import rules
from derivations.chain import Derivation, derivation
from derivations.vae.parametrisation import KL_IN, PARAMETRISATIONS, kl_in_sigma
from derivations.vae.setting import j, l, mu

same = KroneckerDelta(j, l)
PARAMETERS = tuple(zip(KL_IN, PARAMETRISATIONS, strict=True))


def entry(
    divergence: Derivation, row: Indexed, column: Indexed, value: Expr | None, name: str
) -> Derivation:
    """The chain from d^2 KL/(d row d column) to `value`, or by the rule alone."""

    def chain():
        yield Derivative(divergence.rhs, row, column)
        if value is None:
            yield rules.differentiate
        else:
            yield value, rules.differentiate

    chain.__name__ = name
    chain.__doc__ = f"The derivative of KL(q || p) in {row} and {column}, in nats."
    return derivation(chain)


hessian_in_mean = entry(kl_in_sigma, mu[j], mu[l], same, "hessian_in_mean")
(
    hessian_in_sigma,
    hessian_in_variance,
    hessian_in_log_variance,
    hessian_in_log_sigma,
) = HESSIANS = tuple(
    entry(kl, row.base[j], row.base[l], same * row.curvature, f"hessian_in_{row.name}")
    for kl, row in PARAMETERS
)
(
    mixed_in_sigma,
    mixed_in_variance,
    mixed_in_log_variance,
    mixed_in_log_sigma,
) = MIXED = tuple(
    entry(kl, mu[j], row.base[l], S.Zero, f"mixed_in_{row.name}")
    for kl, row in PARAMETERS
)
(
    hessian_in_sigma_by_rules,
    hessian_in_variance_by_rules,
    hessian_in_log_variance_by_rules,
    hessian_in_log_sigma_by_rules,
) = HESSIANS_BY_RULES = tuple(
    entry(kl, row.base[j], row.base[l], None, f"hessian_in_{row.name}_by_rules")
    for kl, row in PARAMETERS
)
