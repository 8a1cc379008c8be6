"""The rule `substitute`: a change of variable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sympy import Derivative, Expr, Indexed, Symbol, sympify
from sympy.core.function import AppliedUndef

from derivations.expectation import depends
from derivations.hypotheses import Hypothesis
from derivations.rules.rule import Rule
from derivations.scope import bound_names, free_names

# what SymPy assumes of most symbols, and does not know of most expressions
NO_SIGN = ("commutative", "complex", "hermitian", "finite", "infinite")
OF_FUNCTIONS = ("positive", "negative", "zero", "integer", "rational", "prime")


class Substitute(Rule):
    """Write one variable by another: `rules.substitute({sigma[i]: exp(t[i] / 2)})`.

    The line above and the line that cites the rule are equal where the variables stand
    in the given relation. For a coordinate sigma[i] the relation holds for every index.

    Needs: a key that is a symbol or a coordinate, and a value that does not contain it
    and has the sign that the key is declared with; nothing in the line binds a name of
    theirs, and no derivative of the key moves a name of the value.
    Owes: the relation.
    """

    def __init__(self, changes: Mapping[Expr, Expr]) -> None:
        self.changes = {key: sympify(value) for key, value in changes.items()}
        for key, value in self.changes.items():
            _check(key, value)

    @property
    def name(self) -> str:
        return "substitute"

    def rewrite(self, expression: Expr) -> Expr:
        for key, value in self.changes.items():
            name = key.base if isinstance(key, Indexed) else key
            pattern = set(key.indices) if isinstance(key, Indexed) else set()
            own = {name} | free_names(value) - pattern
            if own & bound_names(expression) or _moves(expression, key, value):
                continue
            expression = _changed(expression, key, value)
        return expression

    def owes(self, expression: Expr) -> tuple[Hypothesis, ...]:
        relations = (f"{key} = {value}" for key, value in self.changes.items())
        return tuple(Hypothesis(relation, "substitute") for relation in relations)

    @property
    def bindings(self) -> Mapping[Expr, Expr]:
        return self.changes


def _check(key: Expr, value: Expr) -> None:
    if not isinstance(key, Symbol | Indexed):
        raise TypeError(f"substitute: {key} is no symbol and no coordinate")
    name = key.base if isinstance(key, Indexed) else key
    if bound := bound_names(value):
        raise ValueError(f"substitute: {value} binds {', '.join(map(str, bound))}")
    if value.has(name):
        raise ValueError(f"substitute: {value} contains {name}, which it is to replace")
    keeps_signs("substitute", key, value)


def _moves(expression: Expr, key: Expr, value: Expr) -> bool:
    """Whether a derivative moves a name of the value, or coordinates of the key.

    There the relation may not be put in: d/dt holds sigma still, whatever it is worth.
    """
    names = free_names(value) | ({key.base} if isinstance(key, Indexed) else set())
    return any(
        {v.base if isinstance(v, Indexed) else v for v in derivative.variables} & names
        for derivative in expression.atoms(Derivative)
        if depends(derivative.expr, key)
    )


def keeps_signs(rule: str, key: Expr, value: Expr) -> None:
    """Raise ValueError unless `value` has all that `key` is declared to be."""
    for words in _lacking(value, key):
        raise ValueError(f"{rule}: {key} is {words}, and {value} need not be")


def has_signs(value: Expr, key: Expr) -> bool:
    """Whether `value` has all that `key` is declared to be."""
    return not any(_lacking(value, key))


def _lacking(value: Expr, key: Expr) -> Iterator[str]:
    """What `key` is declared to be and `value` is not known to be."""
    declarations = key.assumptions0
    if isinstance(key, AppliedUndef):  # SymPy keeps what a function is declared apart
        declarations = {word: getattr(key, f"is_{word}") for word in OF_FUNCTIONS}
    for word, declared in declarations.items():
        if declared is None or word in NO_SIGN:
            continue
        if getattr(value, f"is_{word}", None) is not declared:
            yield word if declared else f"not {word}"


def _changed(expression: Expr, key: Expr, value: Expr) -> Expr:
    if isinstance(key, Symbol):
        return expression.subs(key, value)
    (pattern,) = key.indices
    if pattern.is_Symbol:
        return expression.replace(
            lambda e: isinstance(e, Indexed) and e.base == key.base,
            lambda e: value.xreplace({pattern: e.indices[0]}),
        )
    return expression.xreplace({key: value})
