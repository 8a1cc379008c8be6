"""The atoms in float64 from other formulas than ours, with a bound on their error.

exp, expm1, log and log1p are the platform's. Each is taken to err by 16 units in the
last place at most, well above what the platforms' makers state; every block of a sweep
tries that on points of its own, in balls. Near the point where an atom subtracts two
nearly equal numbers stands its Taylor series, every term of which is smaller than the
one before by 3 at least. The largest amplification of those 16 units, of psi at 5/4, is
by |log v|/psi(v) = 8.4, to 134.

Source: Abramowitz and Stegun, "Handbook of Mathematical Functions", 1964, 4.2.1 and
4.1.24 (the series).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from verify.accuracy.atoms import ATOMS

RELATIVE = 256 * 2.0**-53  # of every value below
ABSOLUTE = 2.0**-1000  # where float64 itself underflows
LARGE = 2.0**1000  # a bound that is finite where the value no longer is
SERIES = 30  # terms: 4^-30 is below 2^-53


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1/(1 + e^-x)."""
    return 1 / (1 + np.exp(-x))


def sigmoid_slope(x: np.ndarray) -> np.ndarray:
    """s(x) s(-x)."""
    return sigmoid(x) * sigmoid(-x)


def softplus(x: np.ndarray) -> np.ndarray:
    """log(1 + e^x)."""
    return np.where(x > 0, x + np.log1p(np.exp(-x)), np.log1p(np.exp(x)))


def phi(t: np.ndarray) -> np.ndarray:
    """e^t - 1 - t."""
    near = np.clip(t, -0.5, 0.5)
    series = np.ones_like(near)
    for n in range(18, 2, -1):  # 2^-16 / 18! is below 2^-53 times the first term
        series = 1 + near / n * series
    return np.where(near == t, near * near / 2 * series, np.expm1(t) - t)


def psi(v: np.ndarray) -> np.ndarray:
    """v - 1 - log v."""
    less_one = v - 1
    near = np.clip(less_one, -0.25, 0.25)
    series = np.zeros_like(near)
    for n in range(SERIES, 1, -1):
        series = (1 / n) * (1 if n % 2 == 0 else -1) + near * series
    return np.where(near == less_one, near * near * series, less_one - np.log(v))


def psi_slope(v: np.ndarray) -> np.ndarray:
    """(v - 1)/v."""
    return (v - 1) / v


FUNCTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sigmoid": sigmoid,
    "sigmoid'": sigmoid_slope,
    "softplus": softplus,
    "softplus'": sigmoid,
    "phi": phi,
    "phi'": np.expm1,
    "psi": psi,
    "psi'": psi_slope,
}
"""By the names of ATOMS."""


def reference(name: str, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The atom at the values, in float64, and how far it may be from the truth.

    values  shape (n,), float64, finite, of at most 24 binary digits: v - 1 is exact
    """
    with np.errstate(all="ignore"):
        found = FUNCTIONS[name](values)
        return found, np.minimum(np.abs(found) * RELATIVE + ABSOLUTE, LARGE)


assert set(FUNCTIONS) == {atom.name for atom in ATOMS}
