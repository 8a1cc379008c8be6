"""Powers of every kind of value: integer, half-integer and real exponents."""

from __future__ import annotations

from flint import acb, arb

from verify.balls.elementary import unary
from verify.balls.outcomes import NoEnclosure, Undefined
from verify.balls.value import Value

LARGEST_EXPONENT = 512


def power(base: Value, exponent: Value) -> Value:
    """A value that encloses base**exponent; a non-integer power needs base >= 0."""
    if isinstance(exponent, int):
        return integer_power(base, exponent)
    if isinstance(exponent, arb) and exponent.is_exact():
        if exponent.is_integer():
            return integer_power(base, int(exponent.unique_fmpz()))
        if (2 * exponent).is_integer():
            doubled = int((2 * exponent).unique_fmpz())
            return integer_power(unary("sqrt", base), doubled)
    if isinstance(base, arb) and base.is_zero():
        if isinstance(exponent, arb) and exponent > 0:
            return arb(0)
        raise Undefined("a power of zero whose exponent is not positive")
    special = getattr(base, "real_power", None)
    if special is not None and isinstance(exponent, arb):
        return special(exponent)
    if isinstance(exponent, acb) and isinstance(base, arb):
        base = acb(base)
    return unary("exp", exponent * unary("log", base))


def integer_power(base: Value, exponent: int) -> Value:
    """base**exponent by multiplication; 0**0 is 1, as SymPy has it."""
    if abs(exponent) > LARGEST_EXPONENT:
        raise NoEnclosure(f"power {exponent} is beyond {LARGEST_EXPONENT}")
    if exponent < 0:
        base, exponent = unary("inverse", base), -exponent
    if isinstance(base, arb | acb):
        return base**exponent
    if exponent == 0:
        return arb(1)
    special = getattr(base, "integer_power", None)
    if special is not None:
        return special(exponent)
    result = base
    for _ in range(exponent - 1):
        result = result * base
    return result
