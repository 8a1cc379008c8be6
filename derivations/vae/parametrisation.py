"""The divergence in the four ways to parametrise sigma, by one change of variable each.

An encoder's output is rarely sigma itself. The divergence in the variance v, in the
log-variance t and in the log-deviation l comes from `gaussian_kl` by putting sigma in; the
term of one coordinate is all that a row of the table has to say.

Main results
  kl_in_sigma, kl_in_variance, kl_in_log_variance, kl_in_log_sigma   in nats

Limits: sigma_i and v_i are positive, t_i and l_i are real.

Reference: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, appendix C.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, IndexedBase, Sum, exp, log, sqrt

from derivations import rules
from derivations.chain import Derivation, derivation
from derivations.vae.gaussian_kl import gaussian_kl
from derivations.vae.setting import each, i, mu, sigma

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
    slope      the divergence's derivative in coordinate i
    curvature  its second derivative in coordinate i
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
        sigma[i] - 1 / sigma[i], 1 + 1 / sigma[i] ** 2,
    ),
    Parametrisation(
        "variance", v, sqrt(v[i]), v[i] - 1 - log(v[i]),
        (1 - 1 / v[i]) / 2, 1 / (2 * v[i] ** 2),
    ),
    Parametrisation(
        "log_variance", t, exp(t[i] / 2), exp(t[i]) - 1 - t[i],
        (exp(t[i]) - 1) / 2, exp(t[i]) / 2,
    ),
    Parametrisation(
        "log_sigma", lam, exp(lam[i]), exp(2 * lam[i]) - 1 - 2 * lam[i],
        exp(2 * lam[i]) - 1, 2 * exp(2 * lam[i]),
    ),
)  # fmt: skip


def kl_in(parameter: Parametrisation) -> Derivation:
    """The divergence in the given parameter, from `gaussian_kl`."""
    change = () if parameter.base == sigma else (rules.substitute({sigma[i]: parameter.sigma}),)

    def chain():
        yield gaussian_kl.lhs
        yield gaussian_kl.rhs, gaussian_kl
        yield Sum(mu[i] ** 2 + parameter.term, each) / 2, *change, rules.logarithms

    chain.__name__ = f"kl_in_{parameter.name}"
    chain.__doc__ = f"KL(q || p) in nats, in mu and {parameter.name.replace('_', '-')}."
    return derivation(chain)


kl_in_sigma, kl_in_variance, kl_in_log_variance, kl_in_log_sigma = KL_IN = tuple(
    map(kl_in, PARAMETRISATIONS)
)
