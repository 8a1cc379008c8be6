"""Beside the claims: the forms that the reference implementations compute.

Each is proved equal to the textbook form of the rows above. The formulas are printed
from the derivations; phi(x) = e^x - 1 - x and psi(x) = x - 1 - log x.
"""

from __future__ import annotations

from itertools import count

from sympy import latex

from derivations.document.fact import equations, fact, slope_text, slopes_text, under
from derivations.gan.discriminator_softplus import discriminator_softplus
from derivations.gan.stable_losses import (
    LOGIT_CURVATURES,
    LOGIT_SLOPES,
    LOSSES_OF_LOGIT,
)
from derivations.vae.bernoulli_nll import (
    bernoulli_likelihood,
    bernoulli_nll,
    bernoulli_nll_of_logit_logit,
    bernoulli_nll_of_logit_target,
    bernoulli_nll_of_target_target,
    bernoulli_nll_slope_in_logit,
    bernoulli_nll_slope_in_target,
)
from derivations.vae.elbo import elbo
from derivations.vae.gaussian_kl_between import (
    gaussian_kl_between,
    gaussian_kl_between_by_rules,
)
from derivations.vae.gaussian_nll import GAUSSIAN_NLL
from derivations.vae.gaussian_nll_hessian import GAUSSIAN_NLL_HESSIANS
from derivations.vae.gaussian_nll_slopes import GAUSSIAN_NLL_SLOPES
from derivations.vae.kl_between_hessian import HESSIANS_BETWEEN
from derivations.vae.kl_between_in import KL_BETWEEN_IN, PAIRS
from derivations.vae.kl_between_slopes import SLOPES_BETWEEN
from derivations.vae.multivariate_gaussian_kl import (
    multivariate_gaussian_kl,
    whitened_curvature_in_scale,
    whitened_diagonal,
    whitened_slope_in_scale,
    whitened_slope_in_shift,
)
from derivations.vae.parametrisation import PARAMETRISATIONS
from derivations.vae.remainders import expm1_slope, phi_slope, psi_slope
from derivations.vae.setting import j
from derivations.vae.stable_kl import STABLE_KL
from derivations.vae.stable_slopes import STABLE_SLOPES, stable_slope_in_mean

BETWEEN = (
    fact(
        "3.32",
        rf"D_{{KL}}(q_1 \| q_2) = {latex(gaussian_kl_between.rhs)}",
        gaussian_kl_between,
        gaussian_kl_between_by_rules,
    ),
    *(
        fact(
            f"3.{number}",
            rf"D_{{KL}}(q_1 \| q_2) = {latex(result.rhs)}, \quad {slopes_text(slopes)}",
            result,
            *slopes,
            reading=f"in the means and each {pair.name.replace('_', '-')}",
        )
        for number, pair, result, slopes in zip(
            count(33), PAIRS, KL_BETWEEN_IN, SLOPES_BETWEEN, strict=False
        )
    ),
    *(
        fact(
            f"3.{number}",
            slopes_text(entries),
            *entries,
            reading=f"in each {pair.name.replace('_', '-')}; the others are 0",
        )
        for number, pair, entries in zip(
            count(37), PAIRS, HESSIANS_BETWEEN, strict=False
        )
    ),
)
BERNOULLI_SLOPES = (
    bernoulli_nll_slope_in_logit,
    bernoulli_nll_slope_in_target,
    bernoulli_nll_of_logit_logit,
    bernoulli_nll_of_logit_target,
    bernoulli_nll_of_target_target,
)
NLL = r"(-\log p(x))"
DECODERS = (
    fact(
        "3.41",
        equations(bernoulli_likelihood),
        bernoulli_nll,
        bernoulli_likelihood,
        reading="for targets in [0, 1] both terms are nonnegative",
    ),
    fact(
        "3.42",
        slopes_text(BERNOULLI_SLOPES, NLL),
        *BERNOULLI_SLOPES,
        reading="with logits h; the others are 0",
    ),
    *(
        fact(
            f"3.{number}",
            rf"-\log p(x) = {latex(nll.rhs)}, \quad {slopes_text(slopes, NLL)}",
            nll,
            *slopes,
            reading=f"with sigma_i = {row.sigma}",
        )
        for number, row, nll, slopes in zip(
            count(43),
            PARAMETRISATIONS,
            GAUSSIAN_NLL,
            GAUSSIAN_NLL_SLOPES,
            strict=False,
        )
    ),
    *(
        fact(
            f"3.{number}",
            slopes_text(entries, NLL),
            *entries,
            reading=f"in mu and {row.name.replace('_', '-')}",
        )
        for number, row, entries in zip(
            count(47), PARAMETRISATIONS, GAUSSIAN_NLL_HESSIANS, strict=False
        )
    ),
    under("3.51", equations(elbo), elbo),
)
STABLE_FORMS = (
    *(
        fact(
            f"3.{number}",
            rf"D_{{KL}}(q \| p) = {latex(result.rhs)}, \quad "
            + slope_text(slope, row.base[j]),
            result,
            slope,
            stable_slope_in_mean,
            reading=f"with sigma_i = {row.sigma}, no two terms of opposite signs",
        )
        for number, row, result, slope in zip(
            count(23), PARAMETRISATIONS, STABLE_KL, STABLE_SLOPES, strict=False
        )
    ),
    fact(
        "3.27",
        equations(phi_slope, expm1_slope, psi_slope),
        phi_slope,
        expm1_slope,
        psi_slope,
    ),
    *(
        fact(f"3.{number}", equations(*results), *results)
        for number, *results in zip(
            count(28), LOSSES_OF_LOGIT, LOGIT_SLOPES, LOGIT_CURVATURES, strict=False
        )
    ),
    fact(
        "3.31",
        rf"L_D = {latex(discriminator_softplus.rhs)}",
        discriminator_softplus,
    ),
    *BETWEEN,
    *DECODERS,
    fact(
        "3.52",
        rf"D_{{KL}}(L_1, L_2) = {latex(multivariate_gaussian_kl.rhs)}",
        multivariate_gaussian_kl,
        whitened_diagonal,
        whitened_slope_in_shift,
        whitened_slope_in_scale,
        whitened_curvature_in_scale,
        reading="N(mu1, L1 L1') from N(mu2, L2 L2'), with y = L2^-1 (mu1 - mu2), and "
        "I + X = L2^-1 L1, whose diagonal is r_i = 1 + x_i",
    ),
)
