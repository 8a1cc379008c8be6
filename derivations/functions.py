"""The functions of the document that SymPy lacks, and those of the stable forms.

The document's sigmoid and softplus stay closed until a step cites `rules.definition`,
so that a line reads as the document writes it. phi, psi and expm1 are what is left of
exp and log near 0 and 1: a stable form is a sum of them, all of one sign, in which
nothing cancels. The derivatives are stated here for SymPy's own `diff`; the chains of
`gan.sigmoid_slope` and `vae.remainders` prove them from the definitions.
"""

from __future__ import annotations

from sympy import Expr, Function, Rational, S, exp, log
from sympy.printing.printer import Printer


class Named(Function):
    """A real function of one real number, known by its definition."""

    nargs = 1
    written = ""  # in LaTeX

    def definition(self) -> Expr:
        """The elementary expression that the name stands for."""
        raise NotImplementedError

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real

    def _latex(self, printer: Printer, exp: str | None = None) -> str:
        argument = printer._print(self.args[0])
        raised = self.written if exp is None else f"{self.written}^{{{exp}}}"
        return rf"{raised}\left({argument}\right)"


class sigmoid(Named):
    """s(x) = 1/(1 + exp(-x)): for a real logit x a probability, never 0 or 1."""

    written = "s"

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
        return 1 / (1 + exp(-self.args[0]))

    def fdiff(self, argindex: int = 1) -> Expr:
        return self * (1 - self)

    def _eval_is_positive(self) -> bool | None:
        return True if self.args[0].is_real else None


class softplus(Named):
    """log(1 + exp(x)) in nats: positive, increasing, convex, and 1-Lipschitz."""

    written = r"\operatorname{softplus}"

    @classmethod
    def eval(cls, x: Expr) -> Expr | None:
        """Nothing is put in but the limit on the left."""
        return S.Zero if x is S.NegativeInfinity else None

    def definition(self) -> Expr:
        return log(1 + exp(self.args[0]))

    def fdiff(self, argindex: int = 1) -> Expr:
        return sigmoid(self.args[0])

    def _eval_is_positive(self) -> bool | None:
        return True if self.args[0].is_real else None


class expm1(Named):
    """exp(x) - 1: it has the sign of x, and keeps its digits near 0."""

    written = r"\operatorname{expm1}"

    @classmethod
    def eval(cls, x: Expr) -> Expr | None:
        """Nothing is put in but the zero."""
        return S.Zero if x.is_zero else None

    def definition(self) -> Expr:
        return exp(self.args[0]) - 1

    def fdiff(self, argindex: int = 1) -> Expr:
        return exp(self.args[0])


class phi(Named):
    """exp(x) - 1 - x >= 0, the remainder of the exponential: 0 at 0 only."""

    written = r"\varphi"

    @classmethod
    def eval(cls, x: Expr) -> Expr | None:
        """Nothing is put in but the zero."""
        return S.Zero if x.is_zero else None

    def definition(self) -> Expr:
        return exp(self.args[0]) - 1 - self.args[0]

    def fdiff(self, argindex: int = 1) -> Expr:
        return expm1(self.args[0])


class psi(Named):
    """x - 1 - log(x) >= 0 for x > 0, the remainder of the logarithm: 0 at 1 only."""

    written = r"\psi"

    @classmethod
    def eval(cls, x: Expr) -> Expr | None:
        """Nothing is put in but the zero."""
        return S.Zero if x is S.One else None

    def definition(self) -> Expr:
        return self.args[0] - 1 - log(self.args[0])

    def fdiff(self, argindex: int = 1) -> Expr:
        return (self.args[0] - 1) / self.args[0]

    def _eval_is_real(self) -> bool | None:
        return True if self.args[0].is_positive else None


NAMED = (sigmoid, softplus, expm1, phi, psi)
"""All of them: what `rules.definition` unfolds."""


def has_named(expression: Expr) -> bool:
    """Whether one of them occurs, so that a step to it has to cite what it means."""
    return expression.has(*NAMED)
