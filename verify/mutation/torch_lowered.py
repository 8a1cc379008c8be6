"""An expression as a torch function, written as a person would write it.

Not the lowering that is checked, which is exact to the last bit and has derivatives of
its own: here autograd differentiates plain torch operations, as it does in the code
that is judged. A power of a quotient is taken of the quotient, and softplus is the one
of torch that does not round: everything that is right stays right to some units in the
last place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from sympy import Abs, Add, Expr, Mul, Pow, S, exp, log
from torch import Tensor
from torch.nn.functional import logsigmoid

from derivations.functions import expm1, phi, psi, sigmoid, softplus
from verify.accuracy.textbook import unfolded
from verify.mutation.marks import Mark
from verify.mutation.torch_marks import MEANINGS

SCOPE = {"torch": torch, "logsigmoid": logsigmoid, **MEANINGS}


def lowered(names: Sequence[str], expression: Expr) -> Callable[..., Tensor]:
    """A function of a tensor for each name, after one whose shape a constant fills."""
    code = written(expression)
    if not expression.free_symbols:
        code = f"torch.full_like(like, {code})"
    text = f"lambda like, {', '.join(names)}: {code}"
    return eval(compile(text, "<mutant>", "eval"), SCOPE)


def written(expression: Expr) -> str:
    """The expression in Python, in brackets where a product needs them."""
    if expression.is_number and not expression.has(Mark):
        return f"({float(unfolded(expression))!r})"
    if expression.is_Symbol:
        return expression.name
    if isinstance(expression, Mark):
        of, *numbers = expression.args
        rest = "".join(f", {float(number)!r}" for number in numbers)
        return f"{type(expression).__name__}({written(of)}{rest})"
    for kind, write in HEADS.items():
        if isinstance(expression, kind):
            return write(expression)
    raise TypeError(f"{type(expression).__name__} has no torch function: {expression}")


def _sum(total: Expr) -> str:
    return f"({' + '.join(map(written, total.as_ordered_terms()))})"


def _product(product: Expr) -> str:
    """Quotients with one exponent become a power of one quotient."""
    constant, rest = product.as_coeff_Mul()
    above: dict[Expr, list[str]] = {}
    below: dict[Expr, list[str]] = {}
    for factor in Mul.make_args(rest):
        base, power = factor.as_base_exp()
        if isinstance(factor, exp):
            base, power = factor, S.One
        side = below if power.could_extract_minus_sign() else above
        side.setdefault(abs(power), []).append(written(base))
    parts = [] if constant == 1 else [f"({float(constant)!r})"]
    for power in sorted({*above, *below}, key=str):
        code = " * ".join(above.get(power, ["1.0"]))
        code = "".join([code, *(f" / {one}" for one in below.get(power, []))])
        parts.append(_raised(f"({code})", power))
    return f"({' * '.join(parts)})"


def _power(power: Expr) -> str:
    base, exponent = power.as_base_exp()
    if exponent.could_extract_minus_sign():
        return f"(1.0 / {_raised(written(base), -exponent)})"
    return _raised(written(base), exponent)


def _raised(code: str, power: Expr) -> str:
    if power == 1:
        return code
    if power == S.Half:
        return f"torch.sqrt({code})"
    if power.is_Integer:
        return f"{code} ** {int(power)}"
    if power.is_number:
        return f"{code} ** {float(power)!r}"
    return f"{code} ** {written(power)}"


def _logarithm(logarithm: Expr) -> str:
    (inside,) = logarithm.args
    constant, rest = inside.as_coeff_Add()
    if constant == 1:
        return f"torch.log1p({written(rest)})"
    return f"torch.log({written(inside)})"


def _called(name: str) -> Callable[[Expr], str]:
    return lambda e: f"{name}({written(e.args[0])})"


HEADS: dict[type, Callable[[Expr], str]] = {
    Add: _sum,
    Mul: _product,
    exp: _called("torch.exp"),
    Pow: _power,
    log: _logarithm,
    Abs: _called("torch.abs"),
    sigmoid: _called("torch.sigmoid"),
    softplus: lambda e: f"(-logsigmoid({written(-e.args[0])}))",
    expm1: _called("torch.expm1"),
    phi: lambda e: f"(torch.expm1({written(e.args[0])}) - {written(e.args[0])})",
    psi: lambda e: f"(({written(e.args[0])} - 1) - torch.log({written(e.args[0])}))",
}
"""What is written for a head."""
