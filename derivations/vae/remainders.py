"""The remainders of exp and log: their derivatives, and the sign that they have.

phi(x) = e^x - 1 - x and psi(x) = x - 1 - log x are what exp and log differ from their
tangents by, at 0 and at 1. A divergence written with them is a sum of terms that are
nonnegative, each 0 only where the two laws agree.

Main results
  phi_slope    phi' = expm1
  expm1_slope  expm1' = exp
  psi_slope    psi'(x) = (x - 1)/x

Limits: psi lives on x > 0. Reference: Higham, "Accuracy and Stability of Numerical
Algorithms", 2nd edition, 2002, section 1.14.1 (why e^x - 1 is a function of its own).
"""

from __future__ import annotations

from sympy import Derivative, Symbol, exp, log

from derivations import rules
from derivations.chain import derivation
from derivations.functions import expm1, phi, psi

x = Symbol("x", real=True)
y = Symbol("y", positive=True)


@derivation
def phi_slope():
    """phi'(x) = expm1(x) for every real x."""
    yield Derivative(phi(x), x)
    yield Derivative(exp(x) - 1 - x, x), rules.definition
    yield exp(x) - 1, rules.differentiate
    yield expm1(x), rules.definition


@derivation
def expm1_slope():
    """expm1'(x) = e^x for every real x."""
    yield Derivative(expm1(x), x)
    yield Derivative(exp(x) - 1, x), rules.definition
    yield exp(x), rules.differentiate


@derivation
def psi_slope():
    """psi'(y) = (y - 1)/y for every y > 0."""
    yield Derivative(psi(y), y)
    yield Derivative(y - 1 - log(y), y), rules.definition
    yield 1 - 1 / y, rules.differentiate
    yield (y - 1) / y
