"""E(body, law): the expectation, unevaluated.

Nothing is pulled through it silently: its derivative stays a `Derivative` until a step
cites `rules.interchange`, a sum inside stays inside until one cites `rules.linearity`.
Writing E(body, law) in the first line of a chain supposes that it exists and is finite.
"""

from __future__ import annotations

from sympy import (
    Basic,
    Derivative,
    Dummy,
    Expr,
    Indexed,
    IndexedBase,
    S,
    Symbol,
    sympify,
)
from sympy.printing.printer import Printer

from derivations.laws import Law, NotALaw


class E(Expr):
    """The expectation of `body` when the law's variable is drawn from `law`."""

    is_commutative = True  # SymPy knows it else only of what is known to be real

    def __new__(cls, body: Expr, law: Law) -> E:
        body = sympify(body)
        if not isinstance(law, Law):
            raise NotALaw(
                f"E: the second argument is {law!r}, "
                "need Normal(...), Uniform(...) or Law(...)"
            )
        if not isinstance(body, Expr):
            raise TypeError(f"E: the body is {body!r}, need an expression")
        return super().__new__(cls, body, law)

    @property
    def body(self) -> Expr:
        """What is averaged."""
        return self.args[0]

    @property
    def law(self) -> Law:
        """What the variable is drawn from."""
        return self.args[1]

    @property
    def bound_symbols(self) -> list[Basic]:
        return list(self.law.own_symbols)

    @property
    def free_symbols(self) -> set[Basic]:
        drawn = self.law.variable
        free = {
            s
            for s in self.body.free_symbols - self.law.own_symbols
            if not (isinstance(s, Indexed) and s.base == drawn)
        }
        return free | self.law.free_symbols

    def _eval_is_real(self) -> bool | None:
        return self.body.is_real

    def _eval_is_nonnegative(self) -> bool | None:
        return True if self.body.is_nonnegative else None

    def _eval_derivative(self, variable: Expr) -> Expr:
        if not depends(self, variable):
            return S.Zero
        return Derivative(self, variable, evaluate=False)

    def _eval_subs(self, old: Basic, new: Basic) -> Basic | None:
        drawn = self.law.variable
        if old == drawn or (isinstance(old, Indexed) and old.base == drawn):
            return self  # the bound name is nobody else's
        if depends(new, drawn):
            apart = fresh(drawn)
            return self.renamed(apart)._subs(old, new)
        return None

    def renamed(self, variable: Symbol | IndexedBase) -> E:
        """The same expectation with another name for what is drawn."""
        body = self.body.xreplace({self.law.variable: variable})
        return E(body, self.law.renamed(variable))

    def _latex(self, printer: Printer, exp: str | None = None) -> str:
        inner = rf"\mathbb{{E}}_{{{law_latex(self.law, printer)}}}"
        if exp is not None:
            inner = rf"{inner}^{{{exp}}}"
        return rf"{inner}\left[{printer._print(self.body)}\right]"

    def _sympystr(self, printer: Printer) -> str:
        return f"E({printer._print(self.body)}, {printer._print(self.law)})"


def law_latex(law: Law, printer: Printer) -> str:
    """`z \\sim \\mathcal{N}(\\mu, \\sigma^{2})`, the subscript of an expectation."""
    drawn = printer._print(law.variable)
    if law.name == "N":
        mean, sigma = law.parameters
        spread = "1" if sigma == 1 else rf"{printer._print(sigma)}^{{2}}"
        return rf"{drawn} \sim \mathcal{{N}}({printer._print(mean)}, {spread})"
    if law.name == "U":
        return rf"{drawn} \sim \mathcal{{U}}(0, 1)"
    return rf"{drawn} \sim {printer._print(Symbol(law.name))}"


def depends(expression: Basic, variable: Basic) -> bool:
    """Whether `variable` (a symbol, a base, or one coordinate of a base) occurs free.

    A coordinate theta[j] also occurs where the whole theta does, as in G(z, theta).
    """
    name = variable.base if isinstance(variable, Indexed) else variable
    if isinstance(expression, E):
        bound_here = expression.law.variable
        return any(depends(p, variable) for p in expression.law.parameters) or (
            bound_here != name and depends(expression.body, variable)
        )
    if expression in (variable, name):
        return True
    if isinstance(expression, IndexedBase):
        return depends(expression.label, variable) if expression.label.args else False
    return any(depends(a, variable) for a in expression.args)


def fresh(variable: Symbol | IndexedBase) -> Symbol | IndexedBase:
    """A variable of the same kind and assumptions that occurs nowhere else."""
    name = str(variable)
    if isinstance(variable, IndexedBase):
        label = Dummy(name, **variable.label.assumptions0)
        return IndexedBase(label, shape=variable.shape, **variable.assumptions0)
    return Dummy(name, **variable.assumptions0)
