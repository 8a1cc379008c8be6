"""The two ways in which an evaluation ends without a ball."""

from __future__ import annotations


class NoEnclosure(Exception):
    """No ball can be certified to contain the value: nothing may be said."""


class Blurred(NoEnclosure):
    """A decision hung on a ball that was too wide: more bits may help."""


class Undefined(Exception):
    """The expression has no finite real value at this point.

    denominator   what is divided by and exactly zero, printed; or ""
    """

    def __init__(self, reason: str, denominator: str = "") -> None:
        super().__init__(reason)
        self.denominator = denominator
