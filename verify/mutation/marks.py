"""Changes of a computation that mathematics does not see: marks in an expression.

A mark is a function of SymPy's that nothing is known of, so that no proof takes it for
its argument. What it does to a tensor, `torch_marks` says.
"""

from __future__ import annotations

from sympy import Expr, Function


class Mark(Function):
    """Something that is done to its first argument; the others are its numbers."""

    said = ""  # with the argument and the numbers as {0}, {1}, ...

    @property
    def words(self) -> str:
        """What is done, for a reader."""
        return self.said.format(*map(_written, self.args))

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real


class detached(Mark):
    """The value, without a gradient."""

    nargs = 1
    said = "no gradient reaches {0}"


class in_float32(Mark):
    """Rounded to float32 and widened again."""

    nargs = 1
    said = "{0} in float32"


class in_float16(Mark):
    """Rounded to float16 and widened again."""

    nargs = 1
    said = "{0} in float16"


class in_bfloat16(Mark):
    """Rounded to bfloat16 and widened again."""

    nargs = 1
    said = "{0} in bfloat16"


class at_least(Mark):
    """The larger of the two; no gradient below."""

    nargs = 2
    said = "{0} clamped to >= {1}"


class below(Mark):
    """The smaller of the two; no gradient above."""

    nargs = 2
    said = "{0} clamped to <= {1}"


class clamped_through(Mark):
    """Clamped to the interval, with the gradient passed on where it is."""

    nargs = 3
    said = "{0} clamped to [{1}, {2}], its gradient passed on"


class clipped(Mark):
    """The value; its gradient is clipped to the interval of this size around 0."""

    nargs = 2
    said = "gradient in {0} clipped to +-{1}"


class scaled(Mark):
    """The value, and its gradient times a number."""

    nargs = 2
    said = "gradient in {0} times {1}"


class scaled_below(Mark):
    """The same, where the argument is below a bound: (argument, factor, bound)."""

    nargs = 3
    said = "gradient in {0} times {1} where {0} < {2}"


class scaled_above(Mark):
    """The same above a bound: (argument, factor, bound)."""

    nargs = 3
    said = "gradient in {0} times {1} where {0} > {2}"


class scaled_within(Mark):
    """The same near a number: (argument, factor, centre, distance)."""

    nargs = 4
    said = "gradient in {0} times {1} where |{0} - {2}| < {3}"


class curved(Mark):
    """Value and gradient; what is differentiated again is multiplied by a number."""

    nargs = 2
    said = "second derivative in {0} times {1}"


class curved_below(Mark):
    """The same, where the argument is below a bound: (argument, factor, bound)."""

    nargs = 3
    said = "second derivative in {0} times {1} where {0} < {2}"


class curved_within(Mark):
    """The same near a number: (argument, factor, centre, distance)."""

    nargs = 4
    said = "second derivative in {0} times {1} where |{0} - {2}| < {3}"


def _written(number: Expr) -> str:
    return f"{float(number):.15g}" if number.is_number else str(number)
