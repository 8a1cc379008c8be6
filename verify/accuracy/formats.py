"""The floating-point formats of IEEE 754, and bfloat16: digits and range.

Source: IEEE 754-2019, table 3.5; "BFLOAT16 - Hardware Numerics Definition", Intel,
2018.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Format:
    """A binary format, gradual underflow included.

    name     the dtype's name
    digits   binary digits of a normal number's significand
    lowest   exponent of the smallest normal number
    highest  exponent of the largest finite numbers: they are below 2^(highest + 1)
    """

    name: str
    digits: int
    lowest: int
    highest: int

    @cached_property
    def largest(self) -> float:
        """The last finite value."""
        return (2.0 - 2.0 ** (1 - self.digits)) * 2.0**self.highest

    @cached_property
    def smallest(self) -> float:
        """The smallest positive value, a subnormal."""
        return 2.0**self.last_place

    @cached_property
    def last_place(self) -> int:
        """The exponent of the unit in the last place of subnormals."""
        return self.lowest - self.digits + 1

    def unit(self, exponent: int) -> int:
        """The exponent of the unit in the last place of 2^exponent <= x < twice that.

        Below the normal numbers it is that of the subnormals; above the finite ones,
        that of the largest.
        """
        return min(max(exponent, self.lowest), self.highest) - self.digits + 1


FORMATS = {
    f.name: f
    for f in (
        Format("float64", 53, -1022, 1023),
        Format("float32", 24, -126, 127),
        Format("float16", 11, -14, 15),
        Format("bfloat16", 8, -126, 127),
    )
}
