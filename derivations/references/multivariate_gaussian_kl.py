"""`multivariate_gaussian_kl`: between Gaussians with full covariances, for arrays.

From two triangular solves with differences on the right, so that nothing is lost where
the laws nearly agree. What stands under the sums is lowered: squares of the shift and
of the entries beside the diagonal, and of the diagonals what two Gaussians of equal
means differ by. The solve, and its derivative, are the framework's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any, NamedTuple, TypeVar

from sympy import Expr, KroneckerDelta, Sum, Symbol

from derivations.backends.arguments import backend_of
from derivations.backends.smooth import Smooth
from derivations.chain import Derivation
from derivations.lowered import Lowered, keyed
from derivations.references.gaussian_kl_between import gaussian_kl_between
from derivations.references.reference import Reference
from derivations.vae.multivariate_gaussian_kl import X, whitened_diagonal, y
from derivations.vae.multivariate_gaussian_kl import (
    multivariate_gaussian_kl as statement,
)
from derivations.vae.setting import i

A = TypeVar("A")
Array = Any


class Whitened(NamedTuple):
    """The first law where the second is standard normal.

    on      the framework's backend
    given   the first array that was given, for its dtype
    first   L1, second L2: lower triangles, shape (..., k, k), in the inner dtype
    shift   y = L2^-1 (mu1 - mu2), shape (..., k, 1)
    apart   X = L2^-1 (L1 - L2), shape (..., k, k)
    """

    on: ModuleType
    given: Array
    first: Array
    second: Array
    shift: Array
    apart: Array

    @property
    def diagonals(self) -> tuple[float, float, Array, Array]:
        """The two laws of the diagonals: means 0, and deviations of shape (..., k)."""
        return 0.0, 0.0, self.on.diagonal(self.first), self.on.diagonal(self.second)

    def beside(self, matrix: Array) -> Array:
        """What stands below the diagonal."""
        return self.on.tril(matrix, -1)


class MultivariateGaussianKL(Reference):
    """KL(N(mu1, L1 L1') || N(mu2, L2 L2')) in nats, from Cholesky factors L1, L2.

    mu1    the first mean, shape (..., k); float64, float32, bfloat16 or float16
    tril1  L1, lower triangular with a positive diagonal, shape (..., k, k)
    mu2    the second mean, shape (..., k)
    tril2  L2, as L1

    The arguments stand in this order: a law, then the other. Leading shapes broadcast;
    k = 0 gives 0. What stands above the diagonals is not looked at. KL >= 0, and
    exactly 0 where the laws are one. Errors grow with the condition of L2, as those of
    a triangular solve do, not with how near the laws are.

    Diagonals have to be positive. A 0 in that of L1 gives inf; one in that of L2 gives
    nan or inf, or what the framework's solve raises. A negative number in one diagonal
    gives nan; where both have one in the same place, the result is a number that means
    nothing.

    Raises TypeError for integers, complex numbers or arrays of two frameworks;
    ValueError for shapes that do not fit and for two devices. Values are never looked
    at.

    >>> import numpy as np
    >>> tril = np.array([[2.0, 0.0], [1.0, 3.0]])
    >>> print(multivariate_gaussian_kl(np.full(2, 2e-9), tril, np.zeros(2), tril))
    5.555555555555556e-19

    Source: Kullback, "Information Theory and Statistics", 1959, chapter 9, section 1;
    derived by `derivations.vae.multivariate_gaussian_kl`.
    """

    def __init__(self, name: str, statement: Derivation, diagonal: Lowered) -> None:
        super().__init__(name, statement, {"diagonal": diagonal})
        self.diagonal, self.key = diagonal, keyed(self)
        whole = statement.rhs.function
        (of_row,) = whole.atoms(Sum)
        entry = of_row.function.xreplace(dict.fromkeys(of_row.atoms(KroneckerDelta), 0))
        shift = whole.as_independent(y[i], as_Add=True)[1]
        self.of_entry = _smooth("beside", entry, X)
        self.of_shift = _smooth("shift", shift, y[i])

    @property
    def derivations(self) -> tuple[Derivation, ...]:
        """All chains that are computed from, and the one that states the result."""
        return (*super().derivations, whitened_diagonal)

    def source(self, framework: str = "numpy") -> str:
        """The generated functions as Python; see `Reference.source`."""
        squares = (self.of_shift, self.of_entry)
        return "\n\n".join((super().source(framework), *(s.source() for s in squares)))

    def __call__(self, mu1: A, tril1: A, mu2: A, tril2: A) -> A:
        """One divergence a sample, in nats, shape (...)."""
        return self._apply("value", mu1=mu1, tril1=tril1, mu2=mu2, tril2=tril2)

    def terms(self, mu1: A, tril1: A, mu2: A, tril2: A) -> A:
        """What each row of the whitened factor adds, in nats, shape (..., k)."""
        return self._apply("terms", mu1=mu1, tril1=tril1, mu2=mu2, tril2=tril2)

    def gradient(self, mu1: A, tril1: A, mu2: A, tril2: A) -> tuple[A, A, A, A]:
        """The derivatives of the value in the four arguments; 0 above the diagonals.

        The leading shapes are those that the arguments broadcast to.
        """
        return self._apply("gradient", mu1=mu1, tril1=tril1, mu2=mu2, tril2=tril2)

    def _apply(self, what: str, **given: Array) -> Any:
        on = backend_of(self.name, given)
        self._check({n: tuple(getattr(v, "shape", ())) for n, v in given.items()})
        return on.call(self, what, given)

    def computed(self, on: ModuleType, what: str, given: Mapping[str, Array]) -> Any:
        """The value, the terms or the gradient, on a backend; see the methods."""
        law = self._whitened(on, given)
        if what == "gradient":
            return tuple(on.narrowed(s, law.given) for s in self._slopes(law))
        terms = self._terms(law)
        return on.narrowed(terms if what == "terms" else on.total(terms), law.given)

    def _slopes(self, law: Whitened) -> tuple[Array, Array, Array, Array]:
        """Of the value in the arguments, back through the solves.

        Where Z = L2^-1 B, a derivative G in Z is L2^-T G in B, and -L2^-T G Z' in L2.
        """
        on, back = law.on, _transposed(law.second)
        of_shift = on.evaluate(_slope(self.of_shift), [law.shift])
        of_entry = law.beside(on.evaluate(_slope(self.of_entry), [law.apart]))
        in_mean = on.solve_triangular(back, of_shift, upper=True)
        in_first = on.solve_triangular(back, of_entry, upper=True)
        solves = in_mean @ _transposed(law.shift) + in_first @ _transposed(law.apart)
        *_, first, second = self.diagonal.gradient(*law.diagonals)
        return (
            in_mean.sum(-1),
            on.tril(in_first) + on.diagonal_matrix(first),
            -in_mean.sum(-1),
            on.diagonal_matrix(second) - on.tril(in_first + solves),
        )

    def _terms(self, law: Whitened) -> Array:
        on = law.on
        of_rows = on.evaluate(self.of_entry, [law.beside(law.apart)])
        of_shift = on.evaluate(self.of_shift, [law.shift]).sum(-1)
        return of_shift + self.diagonal.terms(*law.diagonals) + on.total(of_rows)

    def _whitened(self, on: ModuleType, given: Mapping[str, Array]) -> Whitened:
        columns = {n: v[..., None] for n, v in given.items() if n.startswith("mu")}
        arrays = on.common(self.name, {**given, **columns})
        mean1, first, mean2, second = (on.widened(array) for array in arrays)
        first, second = on.tril(first), on.tril(second)
        shift = on.solve_triangular(second, (mean1 - mean2)[..., :1])
        apart = on.solve_triangular(second, first - second)
        return Whitened(on, arrays[0], first, second, shift, apart)

    def _check(self, shapes: dict[str, tuple[int, ...]]) -> None:
        k = shapes["tril1"][-1:]
        fits = all(
            k and shape[-len(of) :] == of
            for shape, of in zip(shapes.values(), (k, k + k, k, k + k), strict=True)
        )
        if not fits:
            listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
            needed = "means of shape (..., k) and factors of shape (..., k, k)"
            raise ValueError(f"{self.name} needs {needed}, got {listed}")


def _smooth(name: str, expression: Expr, place: Expr) -> Smooth:
    symbol = Symbol(name, real=True)
    return Smooth(f"of_{name}", (symbol,), expression.xreplace({place: symbol}), {})


def _slope(function: Smooth) -> Smooth:
    slope = function.partial(0)
    assert slope is not None  # a square has one
    return slope


def _transposed(matrix: Array) -> Array:
    return matrix.swapaxes(-1, -2)


multivariate_gaussian_kl = MultivariateGaussianKL(
    "multivariate_gaussian_kl", statement, gaussian_kl_between.forms["sigma"]
)
