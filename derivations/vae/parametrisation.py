"""The divergence in the four ways to parametrise sigma, by one change of variable each.

An encoder's output is rarely sigma itself. The divergence in the variance v, in the
log-variance t and in the log-deviation l comes from `gaussian_kl` by putting sigma in;
the term of one coordinate is all that a row of the table has to say.

Main results
  kl_in_sigma, kl_in_variance, kl_in_log_variance, kl_in_log_sigma   in nats
  kl_in_..._by_rules   the same first lines, and rules alone

Limits: sigma_i and v_i are positive, t_i and l_i are real.

Reference: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, appendix C.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, IndexedBase, Sum, exp, log, sqrt

from derivations import rules
from derivations.chain import Derivation, derivation
from derivations.vae.gaussian_kl import gaussian_kl
from derivations.vae.setting import each, i, j, mu, sigma

v = IndexedBase("v", positive=True)
t = IndexedBase("t", real=True)
lam = IndexedBase("lambda", real=True)


@dataclass(frozen=True)
class Parametrisation:
    """A way to write sigma.

    name       the parameter's name
    base       its coordinates
    sigma      sigma_i, written by coordinate i of it
    term       twice what coordinate i adds to the divergence, beside mu_i^2
    slope      the divergence's derivative in coordinate j
    curvature  its second derivative in coordinate j
    """

    name: str
    base: IndexedBase
    sigma: Expr
    term: Expr
    slope: Expr
    curvature: Expr


PARAMETRISATIONS = (
    Parametrisation(
        "sigma", sigma, sigma[i], sigma[i] ** 2 - 1 - log(sigma[i] ** 2),
        sigma[j] - 1 / sigma[j], 1 + 1 / sigma[j] ** 2,
    ),
    Parametrisation(
        "variance", v, sqrt(v[i]), v[i] - 1 - log(v[i]),
        (1 - 1 / v[j]) / 2, 1 / (2 * v[j] ** 2),
    ),
    Parametrisation(
        "log_variance", t, exp(t[i] / 2), exp(t[i]) - 1 - t[i],
        (exp(t[j]) - 1) / 2, exp(t[j]) / 2,
    ),
    Parametrisation(
        "log_sigma", lam, exp(lam[i]), exp(2 * lam[i]) - 1 - 2 * lam[i],
        exp(2 * lam[j]) - 1, 2 * exp(2 * lam[j]),
    ),
)  # fmt: skip


def kl_in(parameter: Parametrisation, value: Expr | None, name: str) -> Derivation:
    """The chain from the divergence to `value`, or by the rules alone."""
    another = parameter.base != sigma
    change = rules.substitute({sigma[i]: parameter.sigma}) if another else None

    def chain():
        yield gaussian_kl.lhs
        yield gaussian_kl.rhs, gaussian_kl
        if value is None:
            yield change or rules.logarithms
        elif change is None:
            yield value
        else:
            yield value, change

    chain.__name__ = name
    chain.__doc__ = f"KL(q || p) in nats, in mu and {parameter.name.replace('_', '-')}."
    return derivation(chain)


kl_in_sigma, kl_in_variance, kl_in_log_variance, kl_in_log_sigma = KL_IN = tuple(
    kl_in(row, Sum(mu[i] ** 2 + row.term, each) / 2, f"kl_in_{row.name}")
    for row in PARAMETRISATIONS
)
(
    kl_in_sigma_by_rules,
    kl_in_variance_by_rules,
    kl_in_log_variance_by_rules,
    kl_in_log_sigma_by_rules,
) = KL_IN_BY_RULES = tuple(
    kl_in(row, None, f"kl_in_{row.name}_by_rules") for row in PARAMETRISATIONS
)
