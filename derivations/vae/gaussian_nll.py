"""The negative log-likelihood of a Gaussian decoder in four parametrisations.

The decoder gives a mean mu_i and a scale for each of n outputs x_i. From the density,
with the four ways to write sigma of `parametrisation`.

Main results
  gaussian_nll_in_sigma, gaussian_nll_in_variance,
  gaussian_nll_in_log_variance, gaussian_nll_in_log_sigma   in nats, summed

Limits: sigma_i and v_i are positive. The log-likelihood of a density has either sign:
for sigma_i < 0.4 the logarithm is negative, and the terms cancel where their sum is 0,
as they do in any form. The logarithm of 2 pi is a constant of its own, not inside
another one, so that it rounds once.

Reference: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, appendix C.2.
"""

from __future__ import annotations

from sympy import Expr, Product, Sum, log, pi

from derivations import rules
from derivations.chain import Derivation, derivation
from derivations.laws import Normal
from derivations.vae.bernoulli_nll import every, x
from derivations.vae.parametrisation import PARAMETRISATIONS, Parametrisation
from derivations.vae.setting import i, mu, sigma

density = Product(Normal(x, mu, sigma).density(x[i]), every)


def nll_term(row: Parametrisation) -> Expr:
    """What output i adds, in the parameter of the row."""
    square = (x[i] - mu[i]) ** 2 / row.sigma**2
    return square / 2 + rules.logarithms.rewrite(log(row.sigma)) + log(2 * pi) / 2


def gaussian_nll_in(row: Parametrisation) -> Derivation:
    """The chain from the density to the terms in the parameter of the row."""
    in_sigma, *_ = PARAMETRISATIONS

    def chain():
        yield -log(density)
        yield Sum(nll_term(in_sigma), every), rules.logarithms
        if row is not in_sigma:
            change = rules.substitute({sigma[i]: row.sigma})
            value = Sum(nll_term(row), every)
            logs = (rules.logarithms,) if value.has(log(row.base[i])) else ()
            yield value, change, *logs

    chain.__name__ = f"gaussian_nll_in_{row.name}"
    words = row.name.replace("_", "-")
    chain.__doc__ = f"-log p(x | mu, {words}) in nats, summed over the outputs."
    return derivation(chain)


(
    gaussian_nll_in_sigma,
    gaussian_nll_in_variance,
    gaussian_nll_in_log_variance,
    gaussian_nll_in_log_sigma,
) = GAUSSIAN_NLL = tuple(map(gaussian_nll_in, PARAMETRISATIONS))
