"""The two functions of the document that SymPy lacks: the sigmoid, the softplus.

Both stay closed until a step cites `rules.definition`, so that a line reads as the
document writes it. Their derivatives are stated here for SymPy's own `diff`; the chains
`sigmoid_slope` and `softplus_slope` prove them from the definitions.
"""

from __future__ import annotations

from sympy import Expr, Function, Rational, S, exp, log
from sympy.printing.printer import Printer


class sigmoid(Function):
    """s(x) = 1/(1 + exp(-x)): for a real logit x a probability, never 0 or 1."""

    nargs = 1

    @classmethod
    def eval(cls, x: Expr) -> Expr | None:
        """Only the three values that every table of s lists are put in at once."""
        if x.is_zero:
            return Rational(1, 2)
        if x is S.Infinity:
            return S.One
        if x is S.NegativeInfinity:
            return S.Zero
        return None

    def definition(self) -> Expr:
        """The elementary expression that the name stands for."""
        return 1 / (1 + exp(-self.args[0]))

    def fdiff(self, argindex: int = 1) -> Expr:
        return self * (1 - self)

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real

    def _eval_is_positive(self) -> bool | None:
        return True if self.args[0].is_real else None

    def _latex(self, printer: Printer, exp: str | None = None) -> str:
        return _called(r"s", self, printer, exp)


class softplus(Function):
    """log(1 + exp(x)) in nats: positive, increasing, convex, and 1-Lipschitz."""

    nargs = 1

    @classmethod
    def eval(cls, x: Expr) -> Expr | None:
        """Nothing is put in but the limit on the left."""
        return S.Zero if x is S.NegativeInfinity else None

    def definition(self) -> Expr:
        """The elementary expression that the name stands for."""
        return log(1 + exp(self.args[0]))

    def fdiff(self, argindex: int = 1) -> Expr:
        return sigmoid(self.args[0])

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real

    def _eval_is_positive(self) -> bool | None:
        return True if self.args[0].is_real else None

    def _latex(self, printer: Printer, exp: str | None = None) -> str:
        return _called(r"\operatorname{softplus}", self, printer, exp)


def _called(name: str, applied: Function, printer: Printer, power: str | None) -> str:
    argument = printer._print(applied.args[0])
    raised = name if power is None else f"{name}^{{{power}}}"
    return rf"{raised}\left({argument}\right)"
