"""Lines of a chain as a person reads them: Unicode in one line, or LaTeX.

Everything that is shown is printed from the checked expressions, here and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import (
    Add,
    Basic,
    Derivative,
    Expr,
    IndexedBase,
    Integral,
    Limit,
    Product,
    S,
    Sum,
    Symbol,
    latex,
)
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.pretty.pretty_symbology import greek_unicode
from sympy.printing.str import StrPrinter

from derivations.expectation import E
from derivations.laws import Law

if TYPE_CHECKING:
    from derivations.chain import Derivation
    from derivations.line import Step

SUPERSCRIPTS = str.maketrans("0123456789-+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺")
SUBSCRIPTS = str.maketrans("0123456789ijklmnprst", "₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙₚᵣₛₜ")
SUBSCRIPTED = frozenset("0123456789ijklmnprst")
SIGNS = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}
TIMES = "·"


class UnicodePrinter(StrPrinter):
    """One-line mathematics: σᵢ², Σ_{i=1..k}, E_{z ~ N(μ, σ²)}[...], ∂h/∂θⱼ."""

    # not the hooks that other classes have for SymPy's own strings
    printmethod = "_unicode"

    _multiplying = False

    def parenthesize(self, item: Basic, level: int, strict: bool = False) -> str:
        """`item`, in parentheses where its end would not be seen in a product."""
        if isinstance(item, Derivative) and level >= PRECEDENCE["Pow"]:
            return f"({self._print(item)})"
        ends_open = isinstance(item, Sum | Product | Integral | Limit)
        if ends_open and (self._multiplying or level >= PRECEDENCE["Mul"]):
            return f"({self._print(item)})"
        return super().parenthesize(item, level, strict=strict)

    def _print_Symbol(self, expr: Symbol) -> str:
        return _greek(expr.name)

    _print_Dummy = _print_Symbol

    def _print_IndexedBase(self, expr: IndexedBase) -> str:
        return self._print(expr.label)

    def _print_Indexed(self, expr: Expr) -> str:
        base, *indices = expr.args
        place = ",".join(self._print(i) for i in indices)
        return f"{self._print(base)}{_subscript(place)}"

    def _print_Sum(self, expr: Expr) -> str:
        return self._big("Σ", expr)

    def _print_Product(self, expr: Expr) -> str:
        return self._big("Π", expr)

    def _big(self, sign: str, expr: Expr) -> str:
        ranges = "".join(
            f"{sign}_{{{self._print(i)}={self._print(a)}..{self._print(b)}}} "
            for i, a, b in reversed(expr.limits)
        )
        body = expr.function
        if isinstance(body, Sum | Product):
            return ranges + self._print(body)
        return ranges + self.parenthesize(body, PRECEDENCE["Mul"])

    def _print_Integral(self, expr: Expr) -> str:
        ranges = "".join(
            f"∫_{{{self._print(limit[1])}..{self._print(limit[2])}}} "
            if len(limit) == 3
            else "∫ "
            for limit in expr.limits
        )
        names = "".join(f" d{self._print(limit[0])}" for limit in expr.limits)
        return ranges + self.parenthesize(expr.function, PRECEDENCE["Mul"]) + names

    def _print_E(self, expr: E) -> str:
        return f"E_{{{self._print(expr.law)}}}[{self._print(expr.body)}]"

    def _print_Normal(self, law: Law) -> str:
        mean, sigma = law.parameters
        spread = (
            "1" if sigma == 1 else f"{self.parenthesize(sigma, PRECEDENCE['Pow'])}²"
        )
        return f"{self._print(law.variable)} ~ N({self._print(mean)}, {spread})"

    def _print_Uniform(self, law: Law) -> str:
        return f"{self._print(law.variable)} ~ U(0, 1)"

    def _print_Law(self, law: Law) -> str:
        return f"{self._print(law.variable)} ~ {law.name}"

    def _print_Derivative(self, expr: Derivative) -> str:
        body = self.parenthesize(expr.expr, PRECEDENCE["Pow"])
        below = " ".join(
            f"∂{self._print(v)}{str(c).translate(SUPERSCRIPTS) if c != 1 else ''}"
            for v, c in expr.variable_count
        )
        order = expr.derivative_count
        above = "∂" + (str(order).translate(SUPERSCRIPTS) if order != 1 else "")
        if isinstance(expr.expr, E | Add) or len(body) > 24:
            return f"{above}/{below} {body}"
        return f"{above}{body}/{below}"

    def _print_Pow(self, expr: Expr, rational: bool = False) -> str:
        base, power = expr.args
        if power == S.Half:
            inside = self._print(base)
            return f"√{inside}" if base.is_Atom else f"√({inside})"
        if power == -S.Half:
            return f"1/{self._print(base**S.Half)}"
        if power.is_Integer and power.is_positive:
            raised = str(power).translate(SUPERSCRIPTS)
            return f"{self.parenthesize(base, PRECEDENCE['Pow'])}{raised}"
        return super()._print_Pow(expr, rational=rational).replace("**", "^")

    def _print_Mul(self, expr: Expr) -> str:
        outer = self._multiplying
        self._multiplying = expr.args[0] != -1 or len(expr.args) > 2
        try:
            return super()._print_Mul(expr).replace("**", "^").replace("*", TIMES)
        finally:
            self._multiplying = outer

    def _print_sigmoid(self, expr: Expr) -> str:
        return f"s({self._print(expr.args[0])})"

    def _print_Abs(self, expr: Expr) -> str:
        return f"|{self._print(expr.args[0])}|"

    def _print_Infinity(self, expr: Expr) -> str:
        return "∞"

    def _print_NegativeInfinity(self, expr: Expr) -> str:
        return "-∞"

    def _print_Pi(self, expr: Expr) -> str:
        return "π"

    def _print_Limit(self, expr: Expr) -> str:
        body, variable, point, _ = expr.args
        inside = self.parenthesize(body, PRECEDENCE["Mul"])
        return f"lim_{{{self._print(variable)}→{self._print(point)}}} {inside}"

    def _print_Subs(self, expr: Expr) -> str:
        body, names, points = expr.args
        at = ", ".join(
            f"{self._print(n)}={self._print(v)}"
            for n, v in zip(names, points, strict=True)
        )
        return f"[{self._print(body)}]_{{{at}}}"

    def _print_Relational(self, expr: Expr) -> str:
        sign = SIGNS.get(expr.rel_op, expr.rel_op)
        return f"{self._print(expr.lhs)} {sign} {self._print(expr.rhs)}"


def unicode_math(expression: Basic) -> str:
    """`expression` in one line of Unicode."""
    return UnicodePrinter({"order": None}).doprint(expression)


def chain_latex(derivation: Derivation) -> str:
    """The chain as a commented `align*` environment; it needs amsmath and amssymb."""
    lines = [f"  & {latex(derivation.lhs)}"]
    for step in derivation.steps[1:]:
        sign = r"\le" if step.relation == "<=" else "="
        line = f"{_sign(step, sign)} {latex(step.expression)} && {_reason(step)}"
        lines.append(f"  {line}")
    return "\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}"


def _sign(step: Step, sign: str) -> str:
    return "&\\iff" if not isinstance(step.expression, Expr) else f"&{sign}"


def _reason(step: Step) -> str:
    words = ", ".join(rule.name for rule in step.rules) or "arithmetic"
    return rf"\text{{{escaped(words)}}}"


def escaped(words: str) -> str:
    """`words` for a LaTeX text."""
    table = {
        "\\": r"\textbackslash{}",
        "_": r"\_",
        "^": r"\^{}",
        "%": r"\%",
        "&": r"\&",
        "#": r"\#",
        "{": r"\{",
        "}": r"\}",
        "<": r"$<$",
        ">": r"$>$",
        "~": r"$\sim$",
    }
    words = "".join(table.get(c, c) for c in words)
    return words.replace("$<$=", r"$\le$")


def _greek(name: str) -> str:
    head, _, tail = name.lstrip("_").partition("_")
    shown = greek_unicode.get(head, head)
    return shown + (_subscript(tail) if tail else "")


def _subscript(place: str) -> str:
    return place.translate(SUBSCRIPTS) if set(place) <= SUBSCRIPTED else f"_{{{place}}}"
