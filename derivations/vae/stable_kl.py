"""The divergence as a sum of nonnegative terms, in each of the parameters of sigma.

The textbook term sigma^2 - 1 - log sigma^2 subtracts numbers that agree near sigma = 1:
in float64 nothing is left of it below |sigma - 1| = 1e-8. The remainders phi and psi of
exp and log keep the digits, and the terms beside them are squares. So each line is a
sum of terms that are >= 0, each 0 only where the two laws agree, and nothing cancels.

Main results
  stable_kl_in_sigma         squares of mu_i and sigma_i - 1, and psi(sigma_i)
  stable_kl_in_variance      the square of mu_i, and psi(v_i)
  stable_kl_in_log_variance  the square of mu_i, and phi(t_i)
  stable_kl_in_log_sigma     the square of mu_i, and phi(2 lambda_i)

Limits: sigma_i and v_i are positive. The halves stand inside the sum, so that a term is
what one coordinate adds, in nats.

Reference: Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition, 2002,
sections 1.7 and 1.14.1.
"""

from __future__ import annotations

from sympy import Expr, Sum

from derivations import rules
from derivations.chain import Derivation, derivation
from derivations.functions import phi, psi
from derivations.vae.parametrisation import KL_IN, PARAMETRISATIONS, lam, t, v
from derivations.vae.setting import each, i, mu, sigma

ADDS = {
    "sigma": (sigma[i] - 1) ** 2 / 2 + psi(sigma[i]),
    "variance": psi(v[i]) / 2,
    "log_variance": phi(t[i]) / 2,
    "log_sigma": phi(2 * lam[i]) / 2,
}
"""What coordinate i adds to the divergence beside half the square of mu_i."""


def stable_kl(divergence: Derivation, parameter: str, adds: Expr) -> Derivation:
    """The chain of the divergence, through its textbook form, to the stable one."""

    logs = (rules.logarithms,) if parameter == "sigma" else ()  # of a square

    def chain():
        yield divergence.lhs
        yield divergence.rhs, divergence
        stable = Sum(mu[i] ** 2 / 2 + adds, each)
        yield stable, rules.definition, *logs

    words = parameter.replace("_", "-")
    chain.__name__ = f"stable_kl_in_{parameter}"
    chain.__doc__ = f"KL(q || p) in nats, in mu and {words}, without cancellation."
    return derivation(chain)


(
    stable_kl_in_sigma,
    stable_kl_in_variance,
    stable_kl_in_log_variance,
    stable_kl_in_log_sigma,
) = STABLE_KL = tuple(
    stable_kl(divergence, row.name, ADDS[row.name])
    for divergence, row in zip(KL_IN, PARAMETRISATIONS, strict=True)
)
