"""Balls: a judge that may only say no, with a witness, or nothing.

Two expressions are evaluated at concrete points in ball arithmetic, by a tree walk of
its own that shares nothing with the rules or the proof. Disjoint balls refute. Every
error of quadrature or truncation is inside a ball; what has no ball is not judged.
"""

from verify.balls import (  # noqa: F401
    calculus,
    expectation,
    functions,
    integrals,
    limits,
    names,
    truth,
)
from verify.balls.compare import Comparison, compare
from verify.balls.evaluate import evaluate, holds
from verify.balls.outcomes import NoEnclosure, Undefined
from verify.balls.point import Point

__all__ = [
    "Comparison",
    "NoEnclosure",
    "Point",
    "Undefined",
    "compare",
    "evaluate",
    "holds",
]
