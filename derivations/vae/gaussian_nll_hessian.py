"""The Hessian of the negative log-likelihood of a Gaussian decoder.

Each line has Kronecker's delta, so it states the diagonal and the zeros beside it at
once. In a logarithm of the scale it is nonnegative; in sigma and in the variance it is
negative for a small residue, where the likelihood has its inflection.

Main results
  gaussian_nll_in_..._of_mean_mean, ..._of_mean_scale, and so on for the target

Limits: j and l are between 1 and n. In nats. Reference: Boyd and Vandenberghe, "Convex
Optimization", 2004, section 3.1.4.
"""

from __future__ import annotations

from sympy import Derivative, Expr, Indexed, KroneckerDelta, S, exp

from derivations import rules
from derivations.chain import Derivation, derivation
from derivations.vae.bernoulli_nll import x
from derivations.vae.gaussian_nll import GAUSSIAN_NLL
from derivations.vae.gaussian_nll_slopes import residue
from derivations.vae.parametrisation import PARAMETRISATIONS, Parametrisation, lam, t, v
from derivations.vae.setting import j, l, mu, sigma

same = KroneckerDelta(j, l)

# for each parametrisation: of the mean, of mean and scale but for the residue, of the
# scale
PIECES = {
    "sigma": (
        1 / sigma[j] ** 2,
        2 / sigma[j] ** 3,
        (3 * (residue / sigma[j]) ** 2 - 1) / sigma[j] ** 2,
    ),
    "variance": (
        1 / v[j],
        1 / v[j] ** 2,
        (residue**2 / v[j] - S.Half) / v[j] ** 2,
    ),
    "log_variance": (
        exp(-t[j]),
        exp(-t[j]),
        residue**2 * exp(-t[j]) / 2,
    ),
    "log_sigma": (
        exp(-2 * lam[j]),
        2 * exp(-2 * lam[j]),
        2 * residue**2 * exp(-2 * lam[j]),
    ),
}


def entry(
    nll: Derivation, row: Indexed, column: Indexed, value: Expr, where: str
) -> Derivation:
    """The chain from the derivative in `row` and `column` to the diagonal `value`."""

    def chain():
        yield Derivative(nll.rhs, row, column)
        yield same * value, rules.differentiate

    chain.__name__ = f"{nll.name}_of_{where}"
    chain.__doc__ = f"The derivative of -log p(x) in {row} and {column}, in nats."
    return derivation(chain)


def entries(nll: Derivation, row: Parametrisation) -> tuple[Derivation, ...]:
    """The six entries on and above the diagonal of the blocks."""
    mean, turns, scale = PIECES[row.name]
    back, base = mu[j] - x[j], row.base
    return (
        entry(nll, mu[j], mu[l], mean, "mean_mean"),
        entry(nll, mu[j], x[l], -mean, "mean_target"),
        entry(nll, x[j], x[l], mean, "target_target"),
        entry(nll, mu[j], base[l], turns * residue, "mean_scale"),
        entry(nll, x[j], base[l], turns * back, "target_scale"),
        entry(nll, base[j], base[l], scale, "scale_scale"),
    )


(
    (
        gaussian_nll_in_sigma_of_mean_mean,
        gaussian_nll_in_sigma_of_mean_target,
        gaussian_nll_in_sigma_of_target_target,
        gaussian_nll_in_sigma_of_mean_scale,
        gaussian_nll_in_sigma_of_target_scale,
        gaussian_nll_in_sigma_of_scale_scale,
    ),
    (
        gaussian_nll_in_variance_of_mean_mean,
        gaussian_nll_in_variance_of_mean_target,
        gaussian_nll_in_variance_of_target_target,
        gaussian_nll_in_variance_of_mean_scale,
        gaussian_nll_in_variance_of_target_scale,
        gaussian_nll_in_variance_of_scale_scale,
    ),
    (
        gaussian_nll_in_log_variance_of_mean_mean,
        gaussian_nll_in_log_variance_of_mean_target,
        gaussian_nll_in_log_variance_of_target_target,
        gaussian_nll_in_log_variance_of_mean_scale,
        gaussian_nll_in_log_variance_of_target_scale,
        gaussian_nll_in_log_variance_of_scale_scale,
    ),
    (
        gaussian_nll_in_log_sigma_of_mean_mean,
        gaussian_nll_in_log_sigma_of_mean_target,
        gaussian_nll_in_log_sigma_of_target_target,
        gaussian_nll_in_log_sigma_of_mean_scale,
        gaussian_nll_in_log_sigma_of_target_scale,
        gaussian_nll_in_log_sigma_of_scale_scale,
    ),
) = GAUSSIAN_NLL_HESSIANS = tuple(map(entries, GAUSSIAN_NLL, PARAMETRISATIONS))
