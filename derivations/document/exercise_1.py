"""The claims of exercise 1, the generator loss of a GAN, in the order of the document.

Each row quotes the document, says how it is read, and names the derivations that are
judged. What is expected of a row is a guess until the machine has looked.

I is the interchange hypothesis of `derivations.gan.softplus_lipschitz`.
"""

from __future__ import annotations

from derivations.document.claim import Claim, Expected
from derivations.gan.cancelling_gradients import (
    two_atom_nonsaturating_gradient,
    two_atom_saturating_gradient,
)
from derivations.gan.descent import change_along_a_curve, descent
from derivations.gan.discriminator_loss import zero_sum_up_to_data
from derivations.gan.dominated_limit import (
    bound_vanishes,
    dominated_bound,
    dominated_bound_in_probability,
    exceptional_part,
    pointwise_limit,
)
from derivations.gan.escape_time import (
    nonsaturating_escape_time,
    saturating_escape_time,
)
from derivations.gan.heavy_tailed_logit import heavy_tailed_ratio, softplus_inverse
from derivations.gan.identity_example import (
    identity_gradient_at_0,
    identity_gradient_at_minus_1,
    identity_nonsaturating_gradient,
    identity_saturating_gradient,
)
from derivations.gan.integrand_slope import integrand_slope, integrand_slope_unfolded
from derivations.gan.interchange_fails import (
    heavy_tailed_loss,
    heavy_tailed_loss_at_0,
    heavy_tailed_quotient,
    heavy_tailed_slope,
    heavy_tailed_slope_inside,
    quantised_loss,
    quantised_slope,
)
from derivations.gan.logarithm_slope import (
    logarithm_quotient,
    logarithm_slope,
    logarithm_slope_inner,
)
from derivations.gan.logit_exists import logit_exists, logit_of_number
from derivations.gan.nonsaturating_generator_loss import (
    factor_below_one,
    factor_tends_to_one,
    nonsaturating_generator_gradient,
    slopes_of_the_losses_stand_in_ratio,
    slopes_stand_in_ratio,
)
from derivations.gan.optimal_discriminator import (
    optimum_attained,
    optimum_keeps_order,
    optimum_where_all_is_fake,
    optimum_where_all_is_real,
    pointwise_optimum,
)
from derivations.gan.partial_derivatives_fail import (
    along_the_diagonal,
    partial_in_x,
    partial_in_y,
)
from derivations.gan.printed_gradients import (
    printed_derivative_at_most_output,
    printed_gradient_at_most_output,
    printed_interchange,
    printed_interchange_heavy_tailed,
    printed_large_derivative,
    printed_limit_as_equality,
    printed_slope_of_size_one,
    printed_small_output_small_gradient,
    printed_very_small_derivative,
)
from derivations.gan.rare_outputs import rare_outputs_gradient, rare_outputs_loss
from derivations.gan.saturating_generator_loss import (
    saturating_generator_gradient,
    saturating_generator_gradient_by_rules,
)
from derivations.gan.sigmoid_bijection import (
    sigmoid_at_infinity,
    sigmoid_at_minus_infinity,
    sigmoid_keeps_order,
    sigmoid_of_log_odds,
)
from derivations.gan.sigmoid_slope import sigmoid_slope
from derivations.gan.small_output_large_gradient import (
    log_generator_gradient,
    log_generator_limit,
    log_generator_output,
    oscillating_gradient,
    oscillating_limit,
    oscillating_output,
)
from derivations.gan.small_output_without_interchange import (
    output_from_softplus,
    pointwise_slope_is_zero,
    quotient_on_the_left,
    quotient_on_the_right,
    slope_from_the_left,
    slope_from_the_right,
    tiny_output,
    tiny_output_on_the_left,
)
from derivations.gan.softplus_lipschitz import softplus_lipschitz
from derivations.gan.threshold import (
    logit_threshold,
    output_threshold,
    threshold_vanishes,
)
from derivations.gan.vanishing_bound import (
    vanishing_bound,
    vanishing_bound_is_sharp,
    vanishing_bound_with_exceptions,
)

EXERCISE_1 = (
    Claim(
        id="1.01",
        quotation=r"Get samples by sampling $z \in \mathbb{R}^k$, $x_\theta \sim "
        r"p_{\theta_0}(z)$",
        expected=Expected.NOTATION,
        reading="x = G_theta(z) with z ~ N(0, I_k), so that x ~ p_theta, the law of "
        "the images",
    ),
    Claim(
        id="1.02",
        quotation=r"$D_\phi: \mathbb{R}^n \rightarrow [0,1]$",
        expected=Expected.NOTATION,
        reading="D = s(h) with a finite logit h maps to (0, 1); where 0 or 1 is "
        "attained a logarithm is -oo",
    ),
    Claim(
        id="1.03",
        quotation=r"For real $x$, we want the discriminator to output $[1]$ "
        r"For fake $x$, $D_\phi(x) \rightarrow [0]$",
        expected=Expected.PROSE,
        reading="over all measurable D, L_D is least at D = a/(a + b), with a and b "
        "the densities of data and fakes at the point; it goes to 1 as b -> 0, to 0 "
        "as a -> 0",
        statements=(
            pointwise_optimum,
            optimum_attained,
            optimum_where_all_is_real,
            optimum_where_all_is_fake,
        ),
        note="1 and 0 only if the two laws are mutually singular, typical for k < n; "
        "no sigmoid attains them",
    ),
    Claim(
        id="1.04",
        quotation=r"$\sigma(z) = \frac{1}{1 + e^{-z}}$",
        expected=Expected.NOTATION,
        reading="the sigmoid, written s here; an increasing bijection of R onto (0, "
        "1) with s(-x) = 1 - s(x), as derivations.gan.sigmoid_bijection shows",
    ),
    Claim(
        id="1.05",
        quotation=r"$L_D(\phi; \theta) = -E_{x \sim p_{data}}[\log D_\phi(x)] - "
        r"E_{z \sim N(0,1)}[\log[1 - D_\phi(G_\theta(z))]]$",
        expected=Expected.NOTATION,
        reading="N(0, 1) is N(0, I_k); L_D lies in [0, +oo], and is finite iff both "
        "logarithms are integrable (derivations.gan.discriminator_loss)",
    ),
    Claim(
        id="1.06",
        quotation=r"$L_G(\theta; \phi) = E_{z \sim N(0,1)}[\log[1 - "
        r"D_\phi(G_\theta(z))]]$",
        expected=Expected.PROVED,
        reading="it is minus the second term of L_D: L_D + L_G = -E_data log D, free "
        "of theta",
        statements=(zero_sum_up_to_data,),
        note="zero-sum up to a term without theta, where both are finite",
    ),
    Claim(
        id="1.07",
        quotation=r"Fix vanishing gradient problem on $L_G$",
        expected=Expected.PROSE,
        reading="the fix is the other loss, -E log D: its gradient has the factor 1 - "
        "D, which tends to 1 where D tends to 0",
        statements=(nonsaturating_generator_gradient, factor_tends_to_one),
        note="the text only exhibits the problem; the fix is one sentence, claim 1.19",
    ),
    Claim(
        id="1.08",
        quotation=r"$\frac{d}{d\theta} L_G(\theta; \phi) \approx 0$ if "
        r"$D_\phi(G_\theta(z)) \approx 0$",
        expected=Expected.REFUTED,
        reading="the gradient is small with D: of the size of D, or going to 0 as D "
        "does; at h(x) = x, G = log theta, theta -> 0",
        statements=(
            printed_gradient_at_most_output,
            printed_small_output_small_gradient,
        ),
        right=(
            vanishing_bound,
            vanishing_bound_is_sharp,
            vanishing_bound_with_exceptions,
        ),
        counterexamples=(
            log_generator_output,
            log_generator_gradient,
            log_generator_limit,
            oscillating_output,
            oscillating_gradient,
            oscillating_limit,
            rare_outputs_loss,
            rare_outputs_gradient,
            quotient_on_the_right,
            slope_from_the_right,
            quotient_on_the_left,
            slope_from_the_left,
            pointwise_slope_is_zero,
            output_from_softplus,
            tiny_output,
            tiny_output_on_the_left,
        ),
        note="under I, D <= eps almost surely bounds the gradient by eps E|dh|, and "
        "E|dh| may be large; without I even a tiny D does not help",
    ),
    Claim(
        id="1.09",
        quotation=r"$D_\phi(G_\theta(z)) \approx 0 \Leftrightarrow "
        r"h_\phi(G_\theta(z)) \ll 0$",
        expected=Expected.PROVED_UNDER,
        reading="D <= eps iff h <= log(eps/(1 - eps)), for eps = r/(1 + r) in (0, 1), "
        "at each z",
        statements=(output_threshold,),
        note="pointwise in z, and so almost surely on both sides",
    ),
    Claim(
        id="1.10",
        quotation=r"$\sigma'(z) = \sigma(z)(1 - \sigma(z))$",
        expected=Expected.PROVED,
        statements=(sigmoid_slope,),
    ),
    Claim(
        id="1.11",
        quotation=r"$\frac{d}{dx} \log x = \frac{1}{x}$, "
        r"$\frac{d}{du} \log x(u) = \frac{1}{x(u)} x'(u)$",
        expected=Expected.PROVED_UNDER,
        reading="x > 0; x(u) > 0 and differentiable",
        statements=(logarithm_slope, logarithm_quotient, logarithm_slope_inner),
    ),
    Claim(
        id="1.12",
        quotation=r"$L_G(\theta; \phi) = E_{z \sim N(0,1)}[\log[1 - "
        r"\sigma(h_\phi(G_\theta(z)))]$",
        expected=Expected.PROVED_UNDER,
        reading="D in (0, 1); then h := log(D/(1 - D)) exists, and D = s(h)",
        statements=(logit_exists, logit_of_number),
        note="one bracket is never closed in that line",
    ),
    Claim(
        id="1.13",
        quotation=r"$\frac{d}{d\theta} L_G(\theta; \phi) = E_{z \sim N(0,1)}\left["
        r"\frac{d}{d\theta} \log[1 - \sigma(h_\phi(G_\theta(z)))]\right]$ $\cdot$ Both "
        r"expectation and derivative are linear operators",
        expected=Expected.REFUTED,
        reading="linearity of both implies that they commute, for whichever h and G",
        statements=(printed_interchange, printed_interchange_heavy_tailed),
        right=(
            softplus_lipschitz,
            saturating_generator_gradient,
            saturating_generator_gradient_by_rules,
        ),
        counterexamples=(
            quantised_loss,
            quantised_slope,
            heavy_tailed_ratio,
            softplus_inverse,
            heavy_tailed_loss,
            heavy_tailed_loss_at_0,
            heavy_tailed_slope,
            heavy_tailed_quotient,
            heavy_tailed_slope_inside,
        ),
        note="both are linear, and the inference is still false; right under I",
    ),
    Claim(
        id="1.14",
        quotation=r"$\frac{1}{1 - \sigma(h_\phi(G_\theta(z)))} \cdot "
        r"\sigma(h_\phi(G_\theta(z))) (\sigma(h_\phi(G_\theta(z))) - 1) \cdot "
        r"\frac{d}{d\theta} [h_\phi(G_\theta(z))]$",
        expected=Expected.PROVED_UNDER,
        reading="the integrand's slope in theta_j, at each z; dh/dtheta_j is the sum "
        "over the n outputs of (dh/dx_m)(dG_m/dtheta_j)",
        statements=(integrand_slope, integrand_slope_unfolded),
        counterexamples=(partial_in_x, partial_in_y, along_the_diagonal),
        note="needs h totally differentiable at G: with partial derivatives alone 1/2 "
        "against 0",
    ),
    Claim(
        id="1.15",
        quotation=r"$h_\phi(G_\theta(z)) \rightarrow -\infty \Leftrightarrow "
        r"\sigma(h_\phi(G_\theta(z))) \rightarrow 0$",
        expected=Expected.PROVED,
        reading="s is an increasing bijection of R onto (0, 1), so h is below every "
        "-M where D is below every s(-M), and these go to 0; every r/(1 + r) of (0, "
        "1) is attained",
        statements=(
            sigmoid_keeps_order,
            sigmoid_of_log_odds,
            sigmoid_at_minus_infinity,
            sigmoid_at_infinity,
            logit_threshold,
            threshold_vanishes,
        ),
        standing=frozenset({"r > 0"}),
        note="pointwise in z, or in one and the same mode of convergence on both sides",
    ),
    Claim(
        id="1.16",
        quotation=r"$= E_{z \sim N(0,1)}\left[\frac{1}{1-0} \cdot 0(0-1) \cdot "
        r"\frac{d}{d\theta} [h_\phi(G_\theta(z))]\right] = 0$",
        expected=Expected.REFUTED,
        reading="the equality that is printed: E[-s(h) dh] = 0",
        statements=(printed_limit_as_equality,),
        right=(
            pointwise_limit,
            dominated_bound,
            dominated_bound_in_probability,
            exceptional_part,
            bound_vanishes,
        ),
        counterexamples=(
            identity_saturating_gradient,
            identity_gradient_at_0,
            identity_gradient_at_minus_1,
        ),
        note="a limit, valid along h -> -oo in probability if one integrable M bounds "
        "|dh|",
    ),
    Claim(
        id="1.17",
        quotation=r"when $h_\phi(G_\theta(z)) \rightarrow -\infty$ [...], the "
        r"derivative of $L_G(\theta; \phi)$ w.r.t. $\theta$ will be very small",
        expected=Expected.REFUTED,
        reading="as h -> -oo uniformly in z and theta the gradient goes to 0 too, as "
        "D does; at h = -n + sin(2 e^n theta)/2",
        statements=(printed_derivative_at_most_output, printed_very_small_derivative),
        right=(vanishing_bound,),
        counterexamples=(oscillating_output, oscillating_gradient, oscillating_limit),
        note="at most eps E|dh| under I, which need not be small",
    ),
    Claim(
        id="1.18",
        quotation="the generator won't be able to improve and won't escape that region",
        expected=Expected.PROSE,
        reading="the gradient flow of h = theta from -M to 0 takes the time e^M + M - "
        "1 with this loss, M + 1 - e^-M with the other",
        statements=(saturating_escape_time, nonsaturating_escape_time),
        note="exponentially slow, not never; an optimiser that rescales the gradient "
        "partly undoes it",
    ),
    Claim(
        id="1.19",
        quotation=r"the non-saturating loss shows large derivatives when "
        r"$h_\phi(G_\theta(z)) \rightarrow -\infty$",
        expected=Expected.REFUTED,
        reading="L_NS = -E log s(h); its slope in h is large: of size 1 at least, or "
        "beyond every bound as h -> -oo",
        statements=(printed_slope_of_size_one, printed_large_derivative),
        right=(
            nonsaturating_generator_gradient,
            factor_below_one,
            factor_tends_to_one,
            slopes_stand_in_ratio,
            slopes_of_the_losses_stand_in_ratio,
        ),
        counterexamples=(
            identity_nonsaturating_gradient,
            two_atom_nonsaturating_gradient,
            two_atom_saturating_gradient,
        ),
        note="not attenuated, rather than large; the slopes of the two integrands are "
        "in the ratio e^h, their expectations need not be",
    ),
    Claim(
        id="1.20",
        quotation="Higher if detects real image",
        expected=Expected.PROSE,
        reading="the optimal D increases in the ratio of the densities of data and "
        "fakes",
        statements=(optimum_keeps_order,),
    ),
    Claim(
        id="1.21",
        quotation="Last layer is usually a sigmoid fn.",
        expected=Expected.NOTATION,
        reading="D = s(h), with the logit h the output of the layers below",
    ),
    Claim(
        id="1.22",
        quotation=r"Perform gradient descent on $L_D(\phi; \theta)$ [...] And gradient "
        r"descent on $L_G(\theta; \phi)$",
        expected=Expected.PROVED_UNDER,
        reading="a step -eta grad changes a loss by -eta |grad|^2 to first order",
        statements=(change_along_a_curve, descent),
        note="the signs of both losses are right: both are to be minimised",
    ),
    Claim(
        id="1.23",
        quotation="allowing the generator to improve and escape such regions faster",
        expected=Expected.PROSE,
        reading="M + 1 - e^-M against e^M + M - 1, the two times of claim 1.18",
        statements=(saturating_escape_time, nonsaturating_escape_time),
        counterexamples=(two_atom_nonsaturating_gradient, two_atom_saturating_gradient),
        note="but its gradient can vanish too, where the other one does not",
    ),
)
