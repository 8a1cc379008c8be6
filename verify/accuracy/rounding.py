"""Rounding float64 to a format, ties to even, subnormals and overflow included."""

from __future__ import annotations

import numpy as np

from verify.accuracy.formats import Format


def rounded(values: np.ndarray, form: Format) -> np.ndarray:
    """The nearest values of the format, in float64; inf beyond its range."""
    values = np.asarray(values, np.float64)
    if form.name == "float64":
        return values
    if form.name in ("float32", "float16"):
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            return values.astype(form.name).astype(np.float64)
    exponent = np.frexp(values)[1] - 1
    unit = np.maximum(exponent, form.lowest) - form.digits + 1
    with np.errstate(invalid="ignore"):
        nearest = np.ldexp(np.rint(np.ldexp(values, -unit)), unit)
        return np.where(
            np.abs(nearest) > form.largest, np.sign(values) * np.inf, nearest
        )
