"""What is allowed, in words: nothing is known where training has not come to an end."""

from __future__ import annotations

from math import isinf


def said(allowed: float) -> str:
    """The end of a sentence about a distance; infinity stands for unfinished."""
    if isinf(allowed):
        return "and training has not come to an end"
    return f"where {allowed:.2e} is allowed"


def seen(allowed: float, unit: str) -> str:
    """The smallest error that would have been seen."""
    return "nothing" if isinf(allowed) else f"{allowed:.2e} {unit}"
