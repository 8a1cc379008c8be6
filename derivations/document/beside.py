"""Beside the claims: what a user of the divergence needs, proved the same way.

The document has none of this, so the formulas are printed from the derivations. The
parameters are v_i = sigma_i^2, t_i = log v_i and lambda_i = log sigma_i.
"""

from __future__ import annotations

from itertools import count

from sympy import latex

from derivations.document.fact import fact, slope_text, under
from derivations.document.stable_forms import STABLE_FORMS
from derivations.gan.discriminator_loss import (
    discriminator_gradient,
    discriminator_gradient_by_rules,
)
from derivations.gan.nonsaturating_generator_loss import (
    nonsaturating_generator_gradient,
    nonsaturating_generator_gradient_by_rules,
)
from derivations.gan.sigmoid_bijection import sigmoid_reflection
from derivations.gan.sigmoid_slope import softplus_slope
from derivations.gan.softplus_form import nonsaturating_softplus, saturating_softplus
from derivations.vae.gaussian_kl import gaussian_kl_by_rules
from derivations.vae.kl_hessian import (
    HESSIANS,
    HESSIANS_BY_RULES,
    MIXED,
    hessian_in_mean,
)
from derivations.vae.kl_nonnegative import (
    kl_as_squares,
    kl_of_standard_normal,
    minus_kl_below_distance,
    minus_kl_below_one_term,
    minus_kl_nonpositive,
    term_is_remainder,
)
from derivations.vae.kl_slopes import SLOPES, SLOPES_BY_RULES, slope_in_mean
from derivations.vae.parametrisation import KL_IN, KL_IN_BY_RULES, PARAMETRISATIONS
from derivations.vae.setting import j, l, mu

BESIDE = (
    fact(
        "3.01",
        r"D_{KL}(q \| p) \ge 0",
        minus_kl_below_distance,
        minus_kl_nonpositive,
        reading="it is at least half the squared distance of (mu, sigma) from (0, 1)",
    ),
    fact(
        "3.02",
        r"D_{KL}(q \| p) = 0 \iff \mu = 0, \sigma = 1",
        minus_kl_below_one_term,
        kl_of_standard_normal,
        term_is_remainder,
        kl_as_squares,
        reading="KL is 0 there, and at least (mu_j^2 + (sigma_j - 1)^2)/2 for every j: "
        "so it is "
        "0 only where each of these is",
    ),
    fact(
        "3.03",
        rf"D_{{KL}}(q \| p) = {latex(gaussian_kl_by_rules.rhs)}",
        gaussian_kl_by_rules,
        reading="made by the rules alone",
    ),
    *(
        fact(
            f"3.{number:02}",
            rf"D_{{KL}}(q \| p) = {latex(result.rhs)}",
            result,
            by_rules,
            reading=f"with sigma_i = {row.sigma}",
        )
        for number, row, result, by_rules in zip(
            count(4), PARAMETRISATIONS, KL_IN, KL_IN_BY_RULES, strict=False
        )
    ),
    fact("3.08", slope_text(slope_in_mean, mu[j]), slope_in_mean),
    *(
        fact(f"3.{number:02}", slope_text(result, row.base[j]), result, by_rules)
        for number, row, result, by_rules in zip(
            count(9), PARAMETRISATIONS, SLOPES, SLOPES_BY_RULES, strict=False
        )
    ),
    fact("3.13", slope_text(hessian_in_mean, mu[j], mu[l]), hessian_in_mean),
    *(
        fact(
            f"3.{number:02}",
            slope_text(result, row.base[j], row.base[l]),
            result,
            by_rules,
            mixed,
            reading=f"and in mu_j and {row.base}_l it is 0",
        )
        for number, row, result, by_rules, mixed in zip(
            count(14),
            PARAMETRISATIONS,
            HESSIANS,
            HESSIANS_BY_RULES,
            MIXED,
            strict=False,
        )
    ),
    under(
        "3.18",
        r"\nabla_\phi L_D = -E_{data}[(1 - D) \nabla h] + E_z[D \nabla h]",
        discriminator_gradient,
        discriminator_gradient_by_rules,
    ),
    under(
        "3.19",
        r"\nabla_\theta L_{NS} = -E_z[(1 - D) \nabla h]",
        nonsaturating_generator_gradient,
        nonsaturating_generator_gradient_by_rules,
    ),
    fact("3.20", r"L_G = -E_z[\text{softplus}(h)]", saturating_softplus),
    fact("3.21", r"L_{NS} = E_z[\text{softplus}(-h)]", nonsaturating_softplus),
    fact(
        "3.22",
        r"\sigma(-z) = 1 - \sigma(z), \quad \text{softplus}' = \sigma",
        sigmoid_reflection,
        softplus_slope,
    ),
    *STABLE_FORMS,
)
