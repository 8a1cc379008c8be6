"""The language of derivations: what a chain says of itself, and which have no form."""

from __future__ import annotations

import pytest
from sympy import (
    Derivative,
    Eq,
    Function,
    IndexedBase,
    Le,
    Rational,
    Sum,
    Symbol,
    log,
    symbols,
)

from derivations import E, Law, Normal, Uniform, at_most, derivation, rules, sigmoid
from derivations.line import DerivationError
from verify.proof import proves

x, y, mean = symbols("x y mean", real=True)
s = Symbol("s", positive=True)
k = Symbol("k", integer=True, positive=True)
i, j = symbols("i j", integer=True, positive=True)
mu = IndexedBase("mu", real=True)
sigma = IndexedBase("sigma", positive=True)
h = Function("h", real=True)


@derivation
def second_moment():
    """E x^2 of a normal variable."""
    yield E(x**2, Normal(x, mean, s))
    yield mean**2 + s**2, rules.moments, r"\mathrm{Var} + \mathbb{E}^2"


@derivation
def total():
    """A sum of squares, split."""
    yield Sum(mu[i] ** 2 + sigma[i] ** 2, (i, 1, k))
    yield Sum(mu[i] ** 2, (i, 1, k)) + Sum(sigma[i] ** 2, (i, 1, k))


def test_a_derivation_tells_its_data() -> None:
    assert second_moment.lhs == E(x**2, Normal(x, mean, s))
    assert second_moment.rhs == mean**2 + s**2
    assert second_moment.relation == "="
    assert [step.relation for step in second_moment.steps] == ["", "="]
    assert second_moment.steps[1].quotation == r"\mathrm{Var} + \mathbb{E}^2"
    assert [str(h) for h in second_moment.hypotheses] == ["s > 0"]
    assert second_moment.symbols == {"mean": mean, "s": s}
    assert second_moment.__doc__ == "E x^2 of a normal variable."
    assert "second_moment" in repr(second_moment)
    assert second_moment._repr_latex_().startswith("$")
    assert r"\begin{align*}" in second_moment.latex()


def test_the_line_of_each_step_is_known() -> None:
    first, second = second_moment.steps
    assert second.line == first.line + 1


def test_a_result_can_be_taken_at_values() -> None:
    assert second_moment.at(mean=1, s=2) == 5
    assert total.at(k=3) == sum(mu[n] ** 2 + sigma[n] ** 2 for n in (1, 2, 3))
    assert total.at(k=2, mu=(0, 1), sigma=(1, Rational(1, 2))) == Rational(9, 4)
    with pytest.raises(KeyError, match="has no symbol n"):
        total.at(n=3)


@derivation
def summand():
    """One coordinate."""
    yield mu[j] * s
    yield mu[j] * s


WRONG_VALUES = {
    "too short": (total, {"k": 3, "mu": (0, 1)}, ValueError, "mu needs k = 3 numbers"),
    "too long": (total, {"k": 1, "mu": (0, 1)}, ValueError, "1 numbers, got 2"),
    "no k": (total, {"mu": (0, 1)}, ValueError, "mu has k coordinates: give k too"),
    "k = -1": (total, {"k": -1}, ValueError, "k is .*positive.*, got -1"),
    "k = 0": (total, {"k": 0}, ValueError, "k is .*positive.*, got 0"),
    "k = 3/2": (total, {"k": Rational(3, 2)}, ValueError, "k is .*integer"),
    "k = 2.5": (total, {"k": 2.5}, ValueError, "k is .*integer.*, got 2.5"),
    "mu = 0": (total, {"k": 2, "mu": 0}, TypeError, "mu needs a sequence .*got 0"),
    "sigma = 0": (total, {"k": 1, "sigma": (0,)}, ValueError, r"sigma\[1\] .*positive"),
    "s = -1": (second_moment, {"s": -1}, ValueError, "s is real, positive.*got -1"),
    "s = nan": (second_moment, {"s": float("nan")}, ValueError, "s is real"),
    "s = (1,)": (second_moment, {"s": (1,)}, TypeError, "s needs a number"),
    "s = None": (second_moment, {"s": None}, TypeError, "s needs a number, got None"),
    "rows": (total, {"k": 1, "mu": [[0]]}, TypeError, r"mu\[1\] needs a number"),
    "no j": (summand, {"mu": (0, 1)}, ValueError, "needs a number for j too"),
    "j = 3": (summand, {"j": 3, "mu": (0, 1)}, ValueError, "mu needs 3 numbers, got 2"),
}


@pytest.mark.parametrize("case", WRONG_VALUES)
def test_a_value_that_does_not_fit_is_named(case: str) -> None:
    result, given, kind, words = WRONG_VALUES[case]
    with pytest.raises(kind, match=words):
        result.at(**given)


def test_an_array_is_read_from_its_first_number_on() -> None:
    np = pytest.importorskip("numpy", reason="numpy is not installed")
    found = total.at(k=2, mu=np.array([3, 0]), sigma=np.array([1, 2]))
    assert found == 9 + 0 + 1 + 4
    assert total.at(k=np.int64(2)) == total.at(k=2)
    assert summand.at(j=2, mu=(5, 7), s=1) == 7
    with pytest.raises(ValueError, match="mu needs k = 2 numbers, got 3"):
        total.at(k=2, mu=np.zeros(3))


def test_rules_alone_produce_the_next_line() -> None:
    @derivation
    def by_rules():
        yield E(x**2, Normal(x, mean, s))
        yield rules.moments

    assert by_rules.steps[1].produced
    assert (
        proves(by_rules.rhs, second_moment.steps[1])
        or by_rules.rhs == second_moment.rhs
    )


def test_a_produced_line_has_readable_names() -> None:
    @derivation
    def slope():
        yield Derivative(Sum(log(sigma[i]) * mu[i], (i, 1, k)), mu[j])
        yield rules.differentiate

    assert slope.rhs == log(sigma[j])


def test_nothing_slips_through_an_expectation() -> None:
    law = Law("p_data", x)
    average = E(h(x) * y, law)
    assert average.diff(y) == Derivative(average, y, evaluate=False)
    assert average.diff(s) == 0
    assert average.subs(x, 3) == average
    assert E(x + y, law).subs(y, x) != E(2 * x, law)
    assert Sum(E(mu[i] * x, law), (i, 1, 2)).doit() == E(mu[1] * x, law) + E(
        mu[2] * x, law
    )


def test_at_most_makes_an_inequality() -> None:
    @derivation
    def bound():
        yield E(sigmoid(x), Law("p_data", x))
        yield at_most(E(1, Law("p_data", x))), rules.monotone(sigmoid(x) <= 1)
        yield 1, rules.linearity

    assert bound.relation == "<="
    assert [str(h) for h in bound.hypotheses] == []


def test_an_assumed_premise_is_a_hypothesis() -> None:
    @derivation
    def bound():
        yield x
        yield at_most(y), rules.monotone(Le(x, y))

    assert [str(h) for h in bound.hypotheses] == ["x <= y"]


def chains_without_form():
    def empty():
        return
        yield

    def starts_with_a_rule():
        yield rules.linearity

    def starts_with_a_bound():
        yield at_most(x)

    def symbol_from_nowhere():
        yield x
        yield y

    def escaping_index():
        yield Sum(mu[i], (i, 1, k))
        yield mu[i] * k

    def escaping_draw():
        yield E(x**2, Normal(x, mean, s))
        yield x**2, rules.moments

    def no_expression():
        yield x
        yield [x], rules.algebra

    def no_rule():
        yield x
        yield x, log

    def rounded():
        yield x / 10
        yield 0.1 * x

    def divided_by_zero():
        yield x
        yield x / (y - y)

    def index_below_its_declaration():
        yield Sum(x**i, (i, 0, k))

    def two_dimensions():
        n = Symbol("n", integer=True, positive=True)
        yield Sum(mu[i], (i, 1, k)) + Sum(mu[i], (i, 1, n))

    def coordinate_zero():
        l = Symbol("l", integer=True, nonnegative=True)
        yield Sum(mu[l], (l, 0, k))

    def rule_without_arguments():
        yield x
        yield at_most(y), rules.monotone

    def only_a_quotation():
        yield x
        yield r"x = x"

    return {
        empty: "yields no line",
        starts_with_a_rule: "the first line is a rule",
        starts_with_a_bound: "there is no line above it",
        symbol_from_nowhere: "y appears from nowhere",
        escaping_index: "i stands outside the sum",
        escaping_draw: "x stands outside the sum or the expectation",
        no_expression: "need a SymPy expression",
        no_rule: "need a rule",
        rounded: "write it exactly",
        divided_by_zero: "divided by zero",
        index_below_its_declaration: "is declared positive",
        two_dimensions: "give mu one dimension",
        coordinate_zero: "they start at 1",
        rule_without_arguments: "without its arguments",
        only_a_quotation: "nothing but a quotation",
    }


FORMLESS = chains_without_form()


@pytest.mark.parametrize("chain", FORMLESS, ids=lambda chain: chain.__name__)
def test_a_chain_without_form_says_where_and_why(chain) -> None:
    message = FORMLESS[chain]
    with pytest.raises(DerivationError, match=message) as raised:
        _ = derivation(chain).steps
    assert raised.value.file == __file__
    assert raised.value.line >= chain.__code__.co_firstlineno


@pytest.mark.parametrize(
    "wrong", [lambda: x, lambda a: (yield a)], ids=["no generator", "an argument"]
)
def test_only_a_generator_function_without_arguments_is_a_chain(wrong) -> None:
    with pytest.raises(TypeError, match="@derivation needs"):
        derivation(wrong)


def test_a_law_says_what_it_needs() -> None:
    for make in (
        lambda: E(x, 3),
        lambda: E(x, Normal),
        lambda: Normal(x, mu, 1),
        lambda: Normal(3, 0, 1),
        lambda: Normal(x, x, 1),
        lambda: Uniform(mu),
        lambda: Law("p", "x"),
    ):
        with pytest.raises(TypeError, match=r"need|draw|depends"):
            make()


def test_a_definition_needs_distinct_symbols() -> None:
    for equation in (Eq(h(x**2), x), Eq(x, y), Eq(h(x), h(x) + 1)):
        with pytest.raises((TypeError, ValueError), match="definition"):
            rules.definition(equation)
