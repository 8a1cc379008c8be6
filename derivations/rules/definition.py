"""The rule `definition`: a name is worth what it stands for."""

from __future__ import annotations

from sympy import Basic, Eq, Expr
from sympy.core.function import AppliedUndef

from derivations.functions import sigmoid, softplus
from derivations.hypotheses import Hypothesis
from derivations.rules.rule import Rule, everywhere
from derivations.scope import bound_names, free_names


class Definition(Rule):
    """Replace sigmoid, softplus, and the functions of the equations given, by their meaning.

    `rules.definition` alone unfolds the sigmoid and the softplus. Called with equations,
    as `rules.definition(Eq(D(x), sigmoid(h(x))))`, it unfolds D(anything) as well.

    Needs: the left side of an equation is an undefined function of distinct symbols.
    Owes: the equations; a definition is a way of writing, and a reader has to see it.
    """

    def __init__(self, *equations: Eq) -> None:
        for equation in equations:
            if not (isinstance(equation, Eq) and isinstance(equation.lhs, AppliedUndef)):
                raise TypeError(f"definition: {equation} is no Eq(D(x), meaning)")
            arguments = equation.lhs.args
            if not all(a.is_Symbol for a in arguments) or len(set(arguments)) < len(arguments):
                raise TypeError(f"definition: {equation.lhs} needs distinct symbols as arguments")
            names = {n for n in free_names(equation.rhs) if isinstance(n, Basic)}
            if extra := names - set(arguments):
                shown = ", ".join(sorted(map(str, extra)))
                raise TypeError(f"definition: {equation.lhs} depends on {shown} too; say so")
            if bound_names(equation.rhs):
                raise TypeError(f"definition: {equation.rhs} binds a name; define it without")
            if equation.rhs.has(equation.lhs.func):
                raise ValueError(f"definition: {equation} defines {equation.lhs.func} by itself")
        self.equations = equations

    @property
    def name(self) -> str:
        return "definition"

    def __call__(self, *equations: Eq) -> Definition:
        return Definition(*self.equations, *equations)

    def rewrite(self, expression: Expr) -> Expr:
        return everywhere(self.unnamed(expression), _meaning, sigmoid, softplus)

    def unnamed(self, expression: Expr) -> Expr:
        """`expression` without the functions that the equations define."""
        for equation in reversed(self.equations):
            arguments = equation.lhs.args
            if bound_names(expression) & (free_names(equation.rhs) - set(arguments)):
                continue

            def meaning(used: Basic, equation: Eq = equation, arguments: tuple = arguments) -> Basic:
                if used.func != equation.lhs.func:
                    return used
                return equation.rhs.xreplace(dict(zip(arguments, used.args, strict=True)))

            expression = everywhere(expression, meaning, AppliedUndef)
        return expression

    def owes(self, expression: Expr) -> tuple[Hypothesis, ...]:
        return tuple(Hypothesis(f"{e.lhs} := {e.rhs}", "definition") for e in self.equations)

    @property
    def introduces(self) -> tuple[Basic, ...]:
        return self.equations


def _meaning(named: sigmoid | softplus) -> Expr:
    return named.definition()
