"""The densities of p and q as the document writes them, and their logarithms in nats.

Both laws have independent coordinates, so each density is a product of one factor for
each coordinate; that is the definition here. The document writes it with an inner
product, and for q with det(sigma^2 I)^(1/2), which is shown to be the same.

Main results
  standard_density       p(z) = (2 pi)^(-k/2) exp(-z'z/2), and log_standard_density
  diagonal_density       q(z) with the determinant, and with prod sigma_i
  log_diagonal_density   log q(z)

Limits: sigma_i > 0. The determinant of the diagonal matrix is the product of its
diagonal: `derivations.vae.determinant`.

Reference: Bishop, "Pattern Recognition and Machine Learning", 2006, section 2.3.
"""

from __future__ import annotations

from sympy import Product, exp, log, pi, sqrt

from derivations import rules
from derivations.chain import derivation
from derivations.vae.setting import (
    density_p,
    density_q,
    each,
    i,
    k,
    logs,
    quadratic,
    sigma,
    square,
)

of_two_pi = (2 * pi) ** (k / 2)
determinant = Product(sigma[i] ** 2, each)


@derivation
def standard_density():
    """The product of k standard normal densities is (2 pi)^(-k/2) exp(-z'z/2)."""
    yield density_p
    yield (
        exp(-square / 2) / of_two_pi,
        rules.algebra,
        (r"\frac{1}{(2\pi)^{k/2}} e^{-\frac{1}{2} z^T z}"),
    )


@derivation
def log_standard_density():
    """log p(z) in nats."""
    yield log(density_p)
    yield log(exp(-square / 2) / of_two_pi), standard_density
    yield (
        -k * log(2 * pi) / 2 - square / 2,
        rules.logarithms,
        (r"-\frac{k}{2} \log 2\pi - \frac{1}{2} z^T z"),
    )


@derivation
def diagonal_density():
    """The product of k normal densities, with the determinant and without."""
    yield density_q
    yield (
        exp(-quadratic / 2) / (of_two_pi * sqrt(determinant)),
        rules.algebra,
        (
            r"\frac{1}{(2\pi)^{k/2} \det(\sigma^2 I_k)^{1/2}}"
            r" e^{-\frac{1}{2} (z-\mu)^T (\sigma^2 I_k)^{-1} (z-\mu)}"
        ),
    )
    yield (
        exp(-quadratic / 2) / (of_two_pi * Product(sigma[i], each)),
        rules.algebra,
        (
            r"\frac{1}{(2\pi)^{k/2} \prod_{i=1}^k \sigma_i}"
            r" e^{-\frac{1}{2} (z-\mu)^T \left(\frac{1}{\sigma^2} I_k\right) (z-\mu)}"
        ),
    )


@derivation
def log_diagonal_density():
    """log q(z) in nats."""
    yield log(density_q)
    written = exp(-quadratic / 2) / (of_two_pi * Product(sigma[i], each))
    yield log(written), diagonal_density
    yield (
        -k * log(2 * pi) / 2 - logs - quadratic / 2,
        rules.logarithms,
        (
            r"-\frac{k}{2} \log 2\pi - \sum_{i=1}^k \log \sigma_i - \frac{1}{2}"
            r" (z-\mu)^T \left(\frac{1}{\sigma^2} I_k\right) (z-\mu)"
        ),
    )
