"""Certified integrals: the error of the rule and of the cut tails is in the ball.

acb.integral bounds the error on a finite path by evaluating the integrand on complex
balls; a `Growth` certificate bounds what is cut off outside (-R, R).
Reference: Johansson, "Numerical integration in arbitrary-precision ball arithmetic",
2018.
"""

from __future__ import annotations

from math import sqrt

import flint
from flint import acb, arb

from verify.balls.elementary import Path
from verify.balls.growth import Growth, growth, variable
from verify.balls.jets import Jet, moves
from verify.balls.outcomes import Blurred, NoEnclosure, Undefined
from verify.balls.singular import near_zero
from verify.balls.uninterrupted import uninterrupted
from verify.balls.value import Integrand, Value

EVALUATIONS = 1200


def between(
    integrand: Integrand, low: Value, high: Value, bits: int, generators: int = 0
) -> Value:
    """The integral over a compact interval, and its derivatives where generators move.

    A derivative is taken inside. That is right because the coefficients are finite on
    every piece of the path: there the integrand is analytic in what moves, and its
    derivatives are bounded uniformly near the point: dominated convergence applies.
    """
    if not generators:
        return _path(integrand, low, high, bits)
    width = high - low

    def scaled(s: Value) -> Value:
        return integrand(low + width * s) * width

    def part_of(mask: int) -> Integrand:
        return lambda s: _part(scaled(s), mask)

    masks = range(1 << generators)
    return Jet({m: _path(part_of(m), arb(0), arb(1), bits) for m in masks})


def _part(value: Value, mask: int) -> Value:
    if not isinstance(value, Jet):
        return value if mask == 0 else arb(0)
    return value.parts.get(mask, arb(0))


def over_the_line(
    integrand: Integrand, bits: int, low: arb | None = None, high: arb | None = None
) -> arb:
    """The integral over the real line, or over what `low` and `high` leave of it."""
    if moves(
        integrand(low if low is not None else high if high is not None else arb(0))
    ):
        raise NoEnclosure("a derivative through the tails of an integral")
    certificate = growth(integrand(variable()))
    if not certificate.bound[2] > 0:
        raise NoEnclosure("the tails of an integral cannot be bounded")
    radius = _radius(certificate, bits)
    tail = arb(0)
    if low is None:
        low, tail = -radius, tail + _tail(certificate, radius)
    if high is None:
        high, tail = radius, tail + _tail(certificate, radius)
    for end in (low, high):
        if abs(end) > radius:
            raise NoEnclosure("the end of a half-line lies far out")
    return _path(integrand, low, high, bits) + tail.union(-tail)


def _radius(certificate: Growth, bits: int) -> arb:
    c, b, a = (abs(x).upper() for x in certificate.bound)
    needed = float((c + 1).log()) + bits * 0.2 + float(b * b / (4 * a))
    return arb(int(sqrt(needed / float(a)) + float(b / (2 * a)) + 2))


def _tail(certificate: Growth, radius: arb) -> arb:
    """Beyond R: C exp(b**2 / (4 a)) sqrt(pi / a) / 2 erfc(sqrt(a) (R - b / (2 a)))."""
    c, b, a = certificate.bound
    found = c * (b * b / (4 * a)).exp() * (arb.pi() / a).sqrt() / 2
    return (found * (a.sqrt() * (radius - b / (2 * a))).erfc()).upper()


def _path(integrand: Integrand, low: arb, high: arb, bits: int) -> arb:
    """The integral of a function that is real on the path from low to high."""
    raised: list[BaseException] = []

    def called(t: acb, analytic: bool) -> acb:
        if raised:
            return acb(arb.nan())
        before, Path.analytic = Path.analytic, analytic
        try:
            return acb(integrand(t))
        except (Blurred, Undefined):
            return acb(arb.nan())
        except BaseException as error:  # noqa: BLE001 - flint loses it; raised below
            raised.append(error)
            return acb(arb.nan())
        finally:
            Path.analytic = before

    working = max(64, bits // 2)
    tolerance = arb(2) ** (-bits // 4)
    with uninterrupted(), flint.ctx.workprec(working):
        found = acb.integral(
            called, acb(low), acb(high),
            rel_tol=tolerance, abs_tol=tolerance, eval_limit=EVALUATIONS,
        )  # fmt: skip
    if raised:
        raise raised[0]
    if not found.is_finite():
        raise NoEnclosure("the integral gave no finite ball")
    return found.real


def over_the_unit_interval(
    integrand: Integrand, bits: int, generators: int = 0
) -> Value:
    """The integral over (0, 1); a singular end is cut off with a bound, or raises."""
    zero, one = arb(0), arb(1)
    if all(_bounded(integrand, end) for end in (zero, one)):
        return between(integrand, zero, one, bits, generators)
    if generators:
        raise NoEnclosure("a derivative through a singular end of an integral")
    cut = arb(2) ** -(bits // 2)
    near_one = integrand((1 - cut).union(one)) * cut
    middle = _path(integrand, cut, 1 - cut, bits)
    if _bounded(integrand, zero):
        return middle + near_one + integrand(zero.union(cut)) * cut
    return middle + near_one + near_zero(integrand).integral_to(cut)


def _bounded(integrand: Integrand, end: arb) -> bool:
    try:
        integrand(end)
    except (Undefined, Blurred):
        return False
    return True
