"""Integrals of exponential sums in closed form, derivatives through tails included.

gaussian   u**n exp(a u**2 + b u), a < 0, between any ends: by erf, and by parts
singular   u**-n exp(a / u), a < 0, n >= 2, on (0, 1): by v = 1/u, and by parts
power      u**p on a compact interval; on (0, 1) for p > -1

A derivative passes through each: a < 0 and p > -1 stay true near the point, the powers
do not move, so that the integrand has a common integrable bound. A coefficient that is
exactly 0 may hide what comes in when a parameter moves; it is only dropped where
nothing moves.
"""

from __future__ import annotations

from fractions import Fraction

from flint import acb, arb, fmpq

from verify.balls.elementary import unary
from verify.balls.exponential_sum import ExponentialSum, Polynomial, Term
from verify.balls.jets import Jet, moves
from verify.balls.layer import is_zero, sign_of
from verify.balls.outcomes import NoEnclosure
from verify.balls.value import Value

HIGHEST = 40


def integral(value: Value, low: Value | None, high: Value | None, level: int) -> Value:
    """The integral over (low, high) of what the variable of this level was put into.

    low, high   None: the end is infinite; a jet: the end moves
    """
    moving = moves(value) or moves(low) or moves(high)
    if isinstance(value, Jet):
        total: Value = arb(0)
        for mask, part in value.parts.items():
            found = _integral(part, low, high, level, moving)
            total = total + Jet({mask: arb(1)}) * found
        return total
    return _integral(value, low, high, level, moving)


def _integral(
    value: Value, low: Value | None, high: Value | None, level: int, moving: bool
) -> Value:
    if not isinstance(value, ExponentialSum) or value.level != level:
        if low is None or high is None:
            raise NoEnclosure("a constant over an infinite range")
        return value * (high - low)
    total: Value = arb(0)
    for term in value.terms:
        total = total + _term(term, low, high, value.positive, moving)
    return total


def _term(
    term: Term, low: Value | None, high: Value | None, positive: bool, moving: bool
) -> Value:
    p, q = term.p, term.q
    if not moving:
        p = {n: c for n, c in p.items() if not is_zero(c)}
        q = {n: c for n, c in q.items() if not is_zero(c)}
    if not p:
        return arb(0)
    if not q:
        return _powers(p, low, high, positive)
    if set(q) == {-1} and positive and is_zero(low) and high is not None:
        return _singular(p, q[-1], high)
    if set(q) <= {1, 2} and 2 in q:
        return _gaussian(p, q[2], q.get(1, arb(0)), low, high)
    raise NoEnclosure("an exponent that is not quadratic")


def _powers(
    p: Polynomial, low: Value | None, high: Value | None, positive: bool
) -> Value:
    if low is None or high is None:
        raise NoEnclosure("a polynomial over an infinite range")
    total: Value = arb(0)
    for n, c in p.items():
        if isinstance(n, int) and n >= 0:
            found = (_power(high, n + 1) - _power(low, n + 1)) * (arb(1) / (n + 1))
        elif positive and n > -1 and is_zero(low) and isinstance(high, arb):
            raised = Fraction(n) + 1
            exact = arb(fmpq(raised.numerator, raised.denominator))
            if not high > 0:
                raise NoEnclosure("an interval that may be empty")
            found = high**exact / exact
        else:
            raise NoEnclosure("a power that is not certainly integrable")
        total = total + c * found
    return total


def _power(x: Value, n: int) -> Value:
    result = x
    for _ in range(n - 1):
        result = result * x
    return result


def _highest(p: Polynomial) -> int:
    if not all(isinstance(n, int) and 0 <= n <= HIGHEST for n in p):
        raise NoEnclosure("powers that have no closed form here")
    return int(max(p))


def _gaussian(
    p: Polynomial, a: Value, b: Value, low: Value | None, high: Value | None
) -> Value:
    """By parts: 2 a M_n = [u**(n-1) e**q] - b M_(n-1) - (n-1) M_(n-2)."""
    if sign_of(a) != -1:
        raise NoEnclosure("a Gaussian whose decay is not certain")
    highest = _highest(p)
    root, twice = unary("sqrt", -a), unary("inverse", a * 2)
    centre = -(b * twice)

    def cut(x: Value | None, at_infinity: int) -> Value:
        if x is None:
            return arb(at_infinity)
        return unary("erf", root * (x - centre))

    def boundary(x: Value | None, n: int) -> Value:
        if x is None:
            return arb(0)
        decay = unary("exp", a * (x * x) + b * x)
        return decay if n == 0 else decay * _power(x, n)

    mass = cut(high, 1) - cut(low, -1)
    scale = unary("inverse", root) * (arb.pi().sqrt() / 2)
    peak = unary("exp", b * centre * (arb(1) / 2))
    moments = [peak * scale * mass]
    for n in range(1, highest + 1):
        found = boundary(high, n - 1) - boundary(low, n - 1) - b * moments[n - 1]
        if n > 1:
            found = found - moments[n - 2] * (n - 1)
        moments.append(found * twice)
    return _combined(p, moments)


def _singular(p: Polynomial, a: Value, high: Value) -> Value:
    """v = 1/u from L = 1/high on: I_n = (L**n e**(a L) + n I_(n-1)) / -a."""
    if sign_of(a) != -1:
        raise NoEnclosure("a decay at a singular end that is not certain")
    flipped = {-n - 2: c for n, c in p.items()}
    highest = _highest(flipped)
    start, rate = unary("inverse", high), unary("inverse", -a)
    first = unary("exp", a * start)
    integrals = [first * rate]
    for n in range(1, highest + 1):
        edge = first * _power(start, n)
        integrals.append((edge + integrals[n - 1] * n) * rate)
    return _combined(flipped, integrals)


def _combined(p: Polynomial, moments: list[Value]) -> Value:
    total: Value = arb(0)
    for n, c in p.items():
        total = total + c * moments[int(n)]
    return total


def finite(value: Value) -> Value:
    """The value, if it is not a ball without ends."""
    parts = value.parts.values() if isinstance(value, Jet) else (value,)
    if any(isinstance(c, arb | acb) and not c.is_finite() for c in parts):
        raise NoEnclosure("the closed form gave no finite ball")
    return value
