"""The rule `definition`: a name is worth what it stands for."""

from __future__ import annotations

from functools import partial

from sympy import Basic, Derivative, Eq, Expr
from sympy.core.function import AppliedUndef

from derivations.functions import NAMED, Named
from derivations.hypotheses import Hypothesis
from derivations.rules.rule import Rule, everywhere
from derivations.rules.substitute import keeps_signs
from derivations.scope import bound_names, free_names


class Definition(Rule):
    """Replace the named functions, and those that equations define, by their meaning.

    `rules.definition` alone unfolds sigmoid, softplus, expm1, phi and psi. Called with
    equations, as `rules.definition(Eq(D(x), sigmoid(h(x))))`, it unfolds D(anything)
    as well.

    Needs: the left side of an equation is an undefined function of distinct symbols,
    and its meaning has the signs that the function is declared with, and no derivative.
    Owes: the equations; a definition is a way of writing, and a reader has to see it.
    """

    def __init__(self, *equations: Eq) -> None:
        for equation in equations:
            _check(equation)
        self.equations = equations

    @property
    def name(self) -> str:
        return "definition"

    def __call__(self, *equations: Eq) -> Definition:
        return Definition(*self.equations, *equations)

    def rewrite(self, expression: Expr) -> Expr:
        return everywhere(self.unnamed(expression), _meaning, *NAMED)

    def unnamed(self, expression: Expr) -> Expr:
        """`expression` without the functions that the equations define."""
        for equation in reversed(self.equations):
            arguments = equation.lhs.args
            if bound_names(expression) & (free_names(equation.rhs) - set(arguments)):
                continue
            unfolded = partial(_unfolded, equation)
            expression = everywhere(expression, unfolded, AppliedUndef)
        return expression

    def owes(self, expression: Expr) -> tuple[Hypothesis, ...]:
        return tuple(Hypothesis(_words(e), "definition") for e in self.equations)

    @property
    def introduces(self) -> tuple[Basic, ...]:
        return self.equations


def _words(equation: Eq) -> str:
    """The equation, and that its meaning is real where that is only declared."""
    named, meaning = equation.args
    real = ", a real number" if named.is_real and not meaning.is_real else ""
    return f"{named} := {meaning}{real}"


def _check(equation: Eq) -> None:
    if not (isinstance(equation, Eq) and isinstance(equation.lhs, AppliedUndef)):
        raise TypeError(f"definition: {equation} is no Eq(D(x), meaning)")
    named, meaning = equation.args
    distinct = set(named.args)
    if not all(a.is_Symbol for a in distinct) or len(distinct) < len(named.args):
        raise TypeError(f"definition: {named} needs distinct symbols as arguments")
    names = {n for n in free_names(meaning) if isinstance(n, Basic)}
    if extra := names - distinct:
        shown = ", ".join(sorted(map(str, extra)))
        raise TypeError(f"definition: {named} depends on {shown} too; say so")
    if bound_names(meaning) or meaning.has(Derivative):
        raise TypeError(f"definition: {meaning} binds a name; define it without")
    if meaning.has(named.func):
        raise ValueError(f"definition: {equation} defines {named.func} by itself")
    keeps_signs("definition", named, meaning)


def _unfolded(equation: Eq, used: Expr) -> Expr:
    """What the equation says of one use of its function; other uses are left."""
    if used.func != equation.lhs.func:
        return used
    values = dict(zip(equation.lhs.args, used.args, strict=True))
    return equation.rhs.xreplace(values)


def _meaning(named: Named) -> Expr:
    return named.definition()
