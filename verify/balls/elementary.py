"""One-place functions of balls: a row each, for numbers and for power series alike.

A row is written in operations that flint's real balls, complex balls and power series
share, so that the Taylor coefficients at a point come from the same row as the value.
What a row needs of its argument is stated once, in `_guard`. Every other kind of value
(`Jet`, `Interval`, `Growth`, `Degree`) brings its own `unary` and `taylor`.

Complex balls occur only inside a certified integral. There nothing is raised: a ball on
a branch cut gives a ball that is not finite, and the integrator divides the path.
"""

from __future__ import annotations

from collections.abc import Callable

from flint import acb, acb_series, arb, arb_series

from verify.balls.outcomes import Blurred, NoEnclosure, Undefined
from verify.balls.value import Value

ROWS: dict[str, Callable] = {
    "exp": lambda x: x.exp(),
    "log": lambda x: x.log(),
    "sqrt": lambda x: x.sqrt(),
    "sin": lambda x: x.sin(),
    "cos": lambda x: x.cos(),
    "atan": lambda x: x.atan(),
    "erf": lambda x: x.erf(),
    "gamma": lambda x: x.gamma(),
    "inverse": lambda x: 1 / x,
    "tanh": lambda x: 1 - 2 / ((2 * x).exp() + 1),
    "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    "softplus": lambda x: (1 + x.exp()).log(),
}
KINKED = ("abs", "sign")
POSITIVE = ("log", "gamma")
"""Rows that are real on the positive half-line only; gamma is used only there."""


class Path:
    """Whether the integrator asks for an analytic function, or for any enclosure."""

    analytic = True


def unary(name: str, x: Value) -> Value:
    """A value that encloses the function `name` at every number in `x`."""
    if isinstance(x, arb):
        if name in KINKED:
            return _kinked(name, x)
        _guard(name, x)
        return _finite(ROWS[name](x), name)
    if isinstance(x, acb):
        return _complex(name, x)
    return x.unary(name)


def taylor(name: str, x: Value, order: int) -> list:
    """The Taylor coefficients 0..order of `name` at `x`, where it is analytic."""
    if not isinstance(x, arb | acb):
        return x.taylor(name, order)
    if name in KINKED:
        return _kinked_taylor(name, x, order)
    if isinstance(x, acb):
        if name == "atan":
            raise NoEnclosure("derivative of atan on a complex path")
        if name in ("log", "sqrt", "softplus"):
            _off_the_cut(1 + x.exp() if name == "softplus" else x)
        series, zero = acb_series([x, 1], order + 1), acb(0)
    else:
        _guard(name, x, strict=True)
        series, zero = arb_series([x, 1], order + 1), arb(0)
    try:
        found = ROWS[name](series).coeffs()
    except (ValueError, ZeroDivisionError):  # flint: a constant term that may be 0
        raise Blurred(f"a power series of {name} around what may be a pole") from None
    found += [zero] * (order + 1 - len(found))
    return [_finite(c, name) for c in found]


def _guard(name: str, x: arb, *, strict: bool = False) -> None:
    if name in POSITIVE or (strict and name == "sqrt"):
        if x > 0:
            return
        if x <= 0:
            raise Undefined(f"{name} of {x.str(5)}")
        raise Blurred(f"{name} of a ball that contains 0")
    if name == "sqrt" and not x >= 0:
        if x < 0:
            raise Undefined(f"{name} of {x.str(5)}")
        raise Blurred("sqrt of a ball that contains negative numbers")
    if name == "inverse" and x.contains(0):
        if x.is_zero():
            raise Undefined("division by zero")
        raise Blurred("division by a ball that contains 0")


def _finite(x: arb | acb, name: str) -> arb | acb:
    if isinstance(x, arb) and not x.is_finite():
        raise Blurred(f"{name} gave no finite ball")
    return x


def _kinked(name: str, x: arb) -> arb:
    return abs(x) if name == "abs" else x.sgn()


def _kinked_taylor(name: str, x: arb | acb, order: int) -> list:
    if isinstance(x, acb):
        raise NoEnclosure(f"derivative of {name} on a complex path")
    if x.contains(0):
        raise Blurred(f"derivative of {name} at a ball that contains 0")
    first = [abs(x), x.sgn()] if name == "abs" else [x.sgn(), arb(0)]
    return (first + [arb(0)] * order)[: order + 1]


def _complex(name: str, x: acb) -> acb:
    if name == "abs":
        return x.real_abs(analytic=Path.analytic)
    if name == "sign":
        return x.real_sgn(analytic=Path.analytic)
    if name == "log":
        return x.log(analytic=Path.analytic)
    if name == "sqrt":
        return x.sqrt(analytic=Path.analytic)
    if name == "softplus":
        return (1 + x.exp()).log(analytic=Path.analytic)
    if name == "atan" and not abs(x.imag) < 1:
        return acb(arb.nan())
    return ROWS[name](x)


def _off_the_cut(x: acb) -> None:
    if not x.real > 0 and x.imag.contains(0):
        raise Blurred("a complex ball touches a branch cut")
