"""From a checked expression to Python: nothing is retyped for a framework.

The expression's names become arguments, its heads the kit's functions (a table), each
sum and product an operation. Rounding and overflow decide the order within a product:
the constant first, so that x^2/2 is finite as long as it can be; then a quotient at a
time, so that x^2/s^2 is (x/s) (x/s); the operations are those of the expression.

An expression with a head that is not in the table raises LoweringError.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from sympy import (
    Abs,
    Add,
    Expr,
    Mul,
    Pow,
    S,
    Symbol,
    exp,
    fraction,
    log,
    together,
)

from derivations.backends import products
from derivations.functions import expm1, phi, psi, sigmoid, softplus


class LoweringError(TypeError):
    """An expression, or a chain, that cannot be made a function of arrays."""


@dataclass
class Writer:
    """The body of one function, line by line; what is written once is named once."""

    reserved: frozenset[str] = frozenset()
    lines: list[str] = field(default_factory=list)
    names: dict[object, str] = field(default_factory=dict)

    def named(self, key: object, word: str, code: str) -> str:
        """A local variable that holds the code's value."""
        if key not in self.names:
            taken = self.reserved.union(self.names.values())
            words = (word, *(f"{word}{n}" for n in range(2, len(taken) + 3)))
            self.names[key] = next(w for w in words if w not in taken)
            self.lines.append(f"{self.names[key]} = {code}")
        return self.names[key]

    def atom(self, family: str, argument: Expr, *more: str) -> str:
        """What the kit has for this argument: values that share an exponential."""
        inside = ", ".join((self.code(argument), *more))
        return self.named((family, inside), family, f"kit.{family}({inside})")

    def code(self, expression: Expr) -> str:
        """A Python expression for it."""
        if expression.is_Symbol:
            return expression.name
        if expression.is_number:
            return products.number(expression)
        for kinds, write in HEADS:
            if isinstance(expression, kinds):
                return write(self, expression)
        head = type(expression).__name__
        raise LoweringError(f"{head} has no function in the backends: {expression}")

    def factor(self, expression: Expr) -> str:
        """The same, to stand in a product."""
        code = self.code(expression)
        signed = expression.is_number and expression.is_negative
        open_ended = expression.is_Add or expression.is_Mul or signed
        return f"({code})" if open_ended else code


def _sum(writer: Writer, total: Add) -> str:
    first, *rest = total.as_ordered_terms()
    code = writer.code(first)
    for term in rest:
        negative = term.could_extract_minus_sign()
        part = writer.code(-term if negative else term)
        code += f" - {part}" if negative else f" + {part}"
    return code


def _product(writer: Writer, product: Expr) -> str:
    constant, rest = product.as_coeff_Mul()
    above: list[Expr] = []
    below: list[Expr] = []
    for factor in Mul.make_args(rest):
        base, exponent = factor.as_base_exp()
        if isinstance(factor, exp) or not exponent.is_Integer:
            above.append(factor)
        else:
            (above if exponent > 0 else below).extend([base] * abs(int(exponent)))
    if not below and len(above) == 1 and isinstance(above[0], exp | phi | expm1 | psi):
        return _scaled(writer, constant, above[0])
    if len(above) > 1 and not below:
        if argument := products.both_ways(above):
            shared = writer.atom("logistic", argument)
            return products.times(constant, f"{shared}.slope()")
        if split := products.split_growth(above):
            return products.grown(writer, constant, *split)
        if any(isinstance(factor, softplus) for factor in above):
            return products.times(constant, products.weighted(writer, above))
    if products.has_sum_of_quotients(above, below):
        return products.spread(writer, constant, above[0], below)
    if above and below and len(above) + len(below) > 2:
        return products.quotient(writer, constant, above, below)
    above, below = products.with_limit(writer, above, below)
    code = "" if abs(constant) == 1 and above else products.number(abs(constant))
    pairs = list(zip_longest(above, below))
    for n, (times, over) in enumerate(pairs):
        if times is not None and over is not None and pairs.count((times, over)) > 1:
            ratio = f"{writer.factor(times)} / {writer.factor(over)}"
            ratio = writer.named((times, over), "ratio", ratio)
            code += f" * {ratio}" if code else ratio
            continue
        if times is not None:
            code += f" * {writer.factor(times)}" if code else writer.factor(times)
        if over is not None:
            code = products.divided(writer, code, over, again=n > 0)
    return f"-{code}" if constant.is_negative else code


def _scaled(writer: Writer, constant: Expr, atom: Expr) -> str:
    """A constant times an atom that takes its constant inside."""
    sign = "-" if constant.is_negative else ""
    size = abs(constant)
    inside = "" if size == 1 else products.number(size)
    return f"{sign}{_atom_object(writer, atom)}.{type(atom).__name__}({inside})"


def _atom_object(writer: Writer, atom: Expr) -> str:
    (argument,) = atom.args
    if isinstance(atom, psi):
        less_one = together(argument - 1)
        if argument.is_Symbol:
            return writer.atom("remainder", argument)
        (above, below), over = fraction(argument), fraction(less_one)
        if below.is_Symbol and over[1] == below:
            ratios = (
                products.ratio(writer, above, below),
                products.rounded(writer, *over),
            )
            inside = ", ".join((*map(writer.code, (above, below)), *ratios))
            code = f"kit.remainder_between({inside})"
            return writer.named(("between", argument), "remainder", code)
        return writer.atom("remainder", argument, writer.code(less_one))
    if between := products.apart(argument):
        *pair, factor = between
        inside = ", ".join(map(writer.code, pair if factor == 1 else between))
        code = f"kit.growth_between({inside})"
        return writer.named(("between", argument), "growth", code)
    factor, rest = argument.as_coeff_Mul()
    if rest.is_Symbol and factor > 1:
        return writer.atom("growth", rest, products.number(factor))
    return writer.atom("growth", argument)


def _power(writer: Writer, power: Expr) -> str:
    base, exponent = power.as_base_exp()
    if exponent == S.Half:
        return f"kit.sqrt({writer.code(base)})"
    if exponent == -S.Half:
        return f"1.0 / kit.sqrt({writer.code(base)})"
    if exponent.is_Integer:
        return _product(writer, power)
    raise LoweringError(f"a power with the exponent {exponent} has no function")


def _logistic(writer: Writer, atom: Expr) -> str:
    (argument,) = atom.args
    minus = argument.could_extract_minus_sign()
    shared = writer.atom("logistic", -argument if minus else argument)
    return f"{shared}{'.mirrored' if minus else ''}.{type(atom).__name__}()"


def _logarithm(writer: Writer, logarithm: Expr) -> str:
    return f"kit.log({writer.code(logarithm.args[0])})"


def _absolute(writer: Writer, absolute: Expr) -> str:
    return f"kit.absolute({writer.code(absolute.args[0])})"


Write = Callable[[Writer, Expr], str]
HEADS: tuple[tuple[tuple[type, ...], Write], ...] = (
    ((Add,), _sum),
    ((Mul,), _product),
    ((exp, phi, expm1, psi), lambda w, e: _scaled(w, S.One, e)),
    ((Pow,), _power),
    ((sigmoid, softplus), _logistic),
    ((log,), _logarithm),
    ((Abs,), _absolute),
)
"""What is written for a head; the first row that fits."""


def emitted(name: str, arguments: Sequence[Symbol], outputs: Sequence[Expr]) -> str:
    """The source of a function of a kit and arrays that returns the outputs' values."""
    writer = Writer(frozenset(a.name for a in arguments))
    values = [writer.code(output) for output in outputs]
    names = ", ".join(a.name for a in arguments)
    comma = "," if len(values) == 1 else ""
    lines = (*writer.lines, f"return {', '.join(values)}{comma}")
    body = "".join(f"    {line}\n" for line in lines)
    return f"def {name}(kit, {names}):\n{body}"


def compiled(source: str, name: str) -> Callable:
    """The function that the source defines."""
    scope: dict[str, Callable] = {}
    exec(compile(source, f"<emitted {name}>", "exec"), {}, scope)
    return scope[name]
