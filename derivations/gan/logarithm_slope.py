"""The derivative of a logarithm, and of the logarithm of a function.

Main results
  logarithm_slope        (log x)' = 1/x
  logarithm_quotient     the same as a limit of difference quotients
  logarithm_slope_inner  (log x(u))' = x'(u)/x(u)

Limits: x > 0, and x(u) > 0 at u, where x is differentiable. Reference: Rudin,
"Principles of Mathematical Analysis", 1976, section 8.
"""

from __future__ import annotations

from sympy import Derivative, Function, Limit, Symbol, log

from derivations import rules
from derivations.chain import derivation

x = Symbol("x", positive=True)
u, step = Symbol("u", real=True), Symbol("t", real=True)
inner = Function("x", real=True)(u)


@derivation
def logarithm_slope():
    """(log x)' = 1/x at every x > 0."""
    yield Derivative(log(x), x)
    yield 1 / x, rules.differentiate


@derivation
def logarithm_quotient():
    """The difference quotients of the logarithm tend to 1/x at every x > 0."""
    yield Limit((log(x + step) - log(x)) / step, step, 0, "+-")
    yield 1 / x, rules.limit


@derivation
def logarithm_slope_inner():
    """(log x(u))' = x'(u)/x(u) where x is differentiable and positive at u."""
    yield Derivative(log(inner), u)
    yield Derivative(inner, u) / inner, rules.differentiate, rules.given(inner > 0)
