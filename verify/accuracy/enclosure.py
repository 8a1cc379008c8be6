"""An expression as a function of balls: straight-line code in python-flint's `arb`.

Constants are exact, and a name that the code lacks is an error: no float comes in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import flint
from flint import arb, fmpq
from sympy import Add, Expr, Mul, Pow, Rational, S, Symbol, cse, exp, log

METHODS = {exp: "exp", log: "log"}
"""The heads that are methods of a ball."""


def enclosed(expression: Expr, arguments: Sequence[Symbol]) -> Callable[..., arb]:
    """A function of balls that returns a ball around the expression's value.

    Raises TypeError for a head other than sums, products, rational powers, exp and log.
    """
    steps, (result,) = cse(expression)
    names = {a: f"x{n}" for n, a in enumerate(arguments)}
    constants: list[arb] = []
    lines = []
    for n, (symbol, value) in enumerate(steps):
        lines.append(f"    y{n} = {_code(value, names, constants)}\n")
        names[symbol] = f"y{n}"
    lines.append(f"    return {_code(result, names, constants)}\n")
    inside = ", ".join(names[a] for a in arguments)
    source = f"def function({inside}):\n{''.join(lines)}"
    scope: dict[str, Callable] = {"constants": constants}  # type: ignore[dict-item]
    exec(compile(source, "<textbook in balls>", "exec"), scope)
    return scope["function"]


def _code(node: Expr, names: dict[Symbol, str], constants: list[arb]) -> str:
    if isinstance(node, Symbol):
        return names[node]
    if isinstance(node, Rational):
        constants.append(_exact(node))
        return f"constants[{len(constants) - 1}]"
    inside = [_code(part, names, constants) for part in node.args]
    if isinstance(node, Add | Mul):
        return f"({(' + ' if isinstance(node, Add) else ' * ').join(inside)})"
    if isinstance(node, Pow):
        exponent = node.exp
        if exponent.is_Integer:
            return f"({inside[0]} ** {int(exponent)})"
        if exponent in (S.Half, -S.Half):
            root = f"{inside[0]}.sqrt()"
            return root if exponent > 0 else f"(1 / {root})"
    for head, method in METHODS.items():
        if isinstance(node, head):
            return f"{inside[0]}.{method}()"
    raise TypeError(f"{type(node).__name__} has no enclosure here: {node}")


def _exact(number: Rational) -> arb:
    """The number at more digits than any function of it is asked for."""
    with flint.ctx.workprec(8192):
        return arb(fmpq(int(number.p), int(number.q)))
