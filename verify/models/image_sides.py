"""Which images the conv networks take: those whose sides can be halved twice."""

from __future__ import annotations


def multiples_of_four(shape: tuple[int, ...]) -> tuple[int, int]:
    """Height and width; raises ValueError if 4 does not divide both."""
    if len(shape) != 2 or any(side % 4 for side in shape):
        raise ValueError(
            f"the conv network needs images with sides that are multiples of 4, "
            f"the data have shape {shape}"
        )
    return shape[0], shape[1]
