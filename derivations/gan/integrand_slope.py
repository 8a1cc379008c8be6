"""The slope of the saturating loss at one point of noise, before any expectation.

Main results
  integrand_slope           d/dtheta_j log(1 - s(h)) = -s(h) dh/dtheta_j
  integrand_slope_unfolded  with dh/dtheta_j through the n outputs of G

Limits: h has to be totally differentiable at G(z, theta), and G differentiable in
theta; partial derivatives of h are not enough: `partial_derivatives_fail`.

Reference: Rudin, "Principles of Mathematical Analysis", 1976, theorem 9.15.
"""

from __future__ import annotations

from sympy import Derivative, Sum, log

from derivations import rules
from derivations.chain import derivation
from derivations.gan.setting import D, dh, image, j, logit, m, n, theta


@derivation
def integrand_slope():
    """d/dtheta_j log(1 - D) = -D dh/dtheta_j at each z, by the document's line."""
    yield Derivative(log(1 - D), theta[j])
    yield (
        1 / (1 - D) * (D * (D - 1)) * dh,
        rules.differentiate,
        (
            r"\frac{1}{1 - \sigma(h)} \cdot \sigma(h) (\sigma(h) - 1) "
            r"\cdot \frac{dh}{d\theta}"
        ),
    )
    yield -D * dh


@derivation
def integrand_slope_unfolded():
    """The same slope with dh/dtheta_j = Sum_m (dh/dx_m) (dG_m/dtheta_j)."""
    yield Derivative(log(1 - D), theta[j])
    through = Sum(
        Derivative(logit, image[m]) * Derivative(image[m], theta[j]), (m, 1, n)
    )
    yield -D * through, rules.differentiate
