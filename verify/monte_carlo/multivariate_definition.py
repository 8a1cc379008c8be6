"""log q1(z) - log q2(z) for full covariances, at z = mu1 + L1 e, with its gradient.

With y = L^-1 (z - mu) and s = L^-T y: log N(z; mu, L L') = -y'y/2 - sum log L_ii - k/2
log 2 pi. Its derivative in z is -s, in mu it is s, and in L it is the lower triangle of
s y' less diag(1/L_ii), as dy = -L^-1 dL y.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np

from verify.monte_carlo import numpy_arrays
from verify.monte_carlo.gaussian_definition import HALF_LOG_TWO_PI
from verify.monte_carlo.noise import COLUMNS, Design, normals
from verify.monte_carlo.sheet import OPERATIONS, PILOT, TWICE, UNIT
from verify.monte_carlo.tail import Spread

BLOCK_ROUNDING = 2**13 + OPERATIONS


@dataclass(frozen=True, eq=False)
class MatrixSheet:
    """One pair of laws: the value, and derivatives in both means and lower triangles.

    mu1, mu2      shape (k,)
    tril1, tril2  shape (k, k), positive on the diagonal
    stream        of the draws
    """

    mu1: np.ndarray
    tril1: np.ndarray
    mu2: np.ndarray
    tril2: np.ndarray
    stream: int

    @property
    def noise(self) -> np.ndarray:
        """One element: the pair."""
        return np.zeros(1, np.int64)

    @property
    def size(self) -> int:
        """k."""
        return len(self.mu1)

    @cached_property
    def lower(self) -> tuple[np.ndarray, np.ndarray]:
        """The places of a lower triangle."""
        return np.tril_indices(self.size)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The integrands, in order."""
        means = [f"[{i}]" for i in range(self.size)]
        places = [f"[{i}, {j}]" for i, j in zip(*self.lower, strict=True)]
        found = ["value"]
        for word in ("mu1", "tril1", "mu2", "tril2"):
            places_of = means if word.startswith("mu") else places
            found += [f"{word}{place}" for place in places_of]
        return tuple(found)

    def integrands(self, draws: Any, on: ModuleType, device: str) -> list[Any]:
        """At draws of shape (n, 12): one array of shape (n, names)."""
        value, slopes = self._pieces(draws, on, device)
        return [value[0] - value[1], *(sum(parts[1:], parts[0]) for parts in slopes)]

    def _pieces(self, draws: Any, on: ModuleType, device: str) -> tuple[Any, Any]:
        e = draws[:, : self.size]
        given = (self.mu1, self.tril1, self.mu2)
        mu1, tril1, mu2 = (on.moved(array, device) for array in given)
        z = mu1 + e @ tril1.T
        first = self._law(z, mu1, self.tril1, on, device)
        second = self._law(z, mu2, self.tril2, on, device)
        rows, columns = self.lower
        along = second[1] - first[1]  # the integrand's derivative in z
        through = (along[:, :, None] * e[:, None, :])[:, rows, columns]
        slopes = (
            (along, first[1]),
            (through, first[2]),
            (-second[1],),
            (-second[2],),
        )
        return (first[0], second[0]), slopes

    def _law(
        self, z: Any, mean: Any, tril: np.ndarray, on: ModuleType, device: str
    ) -> tuple[Any, Any, Any]:
        """The log density, its derivative in the mean, and that in the triangle."""
        inverse = on.moved(np.linalg.inv(tril), device)
        rows, columns = self.lower
        y = (z - mean) @ inverse.T
        s = y @ inverse
        inner = on.moved(np.diag(1 / np.diag(tril))[self.lower], device)
        constant = float(np.sum(np.log(np.diag(tril)))) + self.size * HALF_LOG_TWO_PI
        density = -(y**2).sum(-1)[:, None] / 2 - constant
        return density, s, (s[:, :, None] * y[:, None, :])[:, rows, columns] - inner

    def _at(self, draws: np.ndarray) -> np.ndarray:
        padded = np.zeros((len(draws), COLUMNS))
        padded[:, : self.size] = draws
        return np.concatenate(self.integrands(padded, numpy_arrays, "cpu"), axis=-1)

    @cached_property
    def forms(self) -> tuple[np.ndarray, np.ndarray]:
        """Q and b of each integrand e'Q e + b'e + c, shape (names, k, k), (names, k).

        It is quadratic: its values at 0, at the unit vectors and at their sums say all.
        """
        unit, k = np.eye(self.size), self.size
        zero, above, below = self._at(0 * unit[:1]), self._at(unit), self._at(-unit)
        linear = (above - below) / 2
        diagonal = (above + below) / 2 - zero
        forms = np.zeros((zero.shape[1], k, k))
        for i in range(k):
            forms[:, i, i] = diagonal[i]
            for j in range(i):
                both = self._at(unit[i : i + 1] + unit[j : j + 1])
                rest = both - zero - linear[i] - linear[j] - diagonal[i] - diagonal[j]
                forms[:, i, j] = forms[:, j, i] = rest[0] / 2
        return forms, linear.T

    @cached_property
    def axes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Where each integrand is a sum over coordinates: a, b and the rotation.

        Shapes (names, k), (names, k), (names, k, k): e = rotation g has the law of g,
        and the integrand is the sum of a g^2 + b g and a constant.
        """
        forms, linear = self.forms
        a, rotations = np.linalg.eigh(forms)
        return a, np.einsum("nij,ni->nj", rotations, linear), rotations

    @property
    def sources(self) -> tuple[Turned, ...]:
        """One for each integrand, in its own axes."""
        return tuple(Turned(self, number) for number in range(len(self.names)))

    def spread(self, design: Design, share: np.ndarray) -> Spread:
        """Of share . means, where one integrand alone has a share."""
        (number,) = np.flatnonzero(share)
        a, b, _ = self.axes
        factor = share[number]
        return Spread(design, factor * a[number], factor * b[number], 0 * a[number])

    @cached_property
    def magnitudes(self) -> tuple[np.ndarray, np.ndarray]:
        """What roundings are in proportion to, shape (names,) each.

        Times the conditions of the factors, as a triangular solve loses that much.
        """
        draws = normals(PILOT, 0, self.stream, 0)
        value, slopes = self._pieces(draws, numpy_arrays, "cpu")
        parts = (value, *slopes)
        conditions = np.linalg.cond(self.tril1) * np.linalg.cond(self.tril2)
        sizes = [
            sum(np.mean(np.abs(piece), axis=0) for piece in pieces) for pieces in parts
        ]
        found = TWICE * self.size * conditions * np.concatenate(sizes)
        return found, found

    @property
    def rounding(self) -> np.ndarray:
        """Of the sampled means, shape (names,)."""
        return BLOCK_ROUNDING * UNIT * self.magnitudes[0]


@dataclass(frozen=True, eq=False)
class Turned:
    """One integrand of a sheet, at draws in the axes where coordinates do not mix.

    There strata make its mean as steady as that of a function of one coordinate.
    """

    sheet: MatrixSheet
    number: int

    @property
    def stream(self) -> int:
        """That of the sheet."""
        return self.sheet.stream

    def integrands(self, draws: Any, on: ModuleType, device: str) -> list[Any]:
        """At draws of shape (n, 12): one array of shape (n, 1)."""
        rotation = on.moved(self.sheet.axes[2][self.number].T, device)
        turned = draws[:, : self.sheet.size] @ rotation
        first = 0
        for array in self.sheet.integrands(turned, on, device):
            at = self.number - first
            if at < array.shape[1]:
                return [array[:, at : at + 1]]
            first += array.shape[1]
        raise IndexError(f"{self.number}: the sheet has {first} integrands")
