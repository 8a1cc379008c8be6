"""Balls: wrong lines are refuted with the smallest witness, true ones never."""

from __future__ import annotations

import time

import pytest
from sympy import (
    Derivative,
    Eq,
    Function,
    IndexedBase,
    Integer,
    KroneckerDelta,
    Le,
    Lt,
    Max,
    Product,
    Rational,
    Sum,
    Symbol,
    log,
    pi,
    symbols,
)
from sympy import exp as exponential

from derivations.expectation import E
from derivations.functions import sigmoid, softplus
from derivations.laws import Law, Normal
from verify.balls import compare

i, j, k, m, n = symbols("i j k m n", integer=True, positive=True)
x, y = symbols("x y", real=True)
mu, z, t = (IndexedBase(name, real=True) for name in ("mu", "z", "t"))
theta, phi = (IndexedBase(name, real=True) for name in ("theta", "phi"))
sigma = IndexedBase("sigma", positive=True)
each = (i, 1, k)
half = Rational(1, 2)

posterior = Normal(z, mu, sigma)
density_q = Product(posterior.density(z[i]), each)
density_p = Product(Normal(z).density(z[i]), each)
kl = Sum(sigma[i] ** 2 + mu[i] ** 2 - 1 - log(sigma[i] ** 2), each) / 2
misprint = Sum(sigma[i] ** 2 + mu[i] ** 2 - 1 - log(sigma[i]), each) / 2

h, G = Function("h"), Function("G")
image = IndexedBase(G(z, theta), shape=(n,))
logit = h(image)
loss = E(log(1 - sigmoid(logit)), Normal(z))
chain = Sum(Derivative(logit, image[m]) * Derivative(image[m], theta[j]), (m, 1, n))
data = Law("p_data", IndexedBase("x", real=True))
real_logit = h(data.variable, phi)
fake_logit = h(image, phi)

TRUE = {
    "kl from the densities": (E(log(density_q) - log(density_p), posterior), kl),
    "kl from their ratio": (E(log(density_q / density_p), posterior), kl),
    "kl in log-sigma": (
        kl,
        Sum(sigma[i] ** 2 / 2 + mu[i] ** 2 / 2 - half - log(sigma[i]), each),
    ),
    "kl slope": (Derivative(kl, sigma[j]), sigma[j] - 1 / sigma[j]),
    "kl slope, derivative outside E": (
        Derivative(E(log(density_q) - log(density_p), posterior), sigma[j]),
        sigma[j] - 1 / sigma[j],
    ),
    "kl hessian": (
        Derivative(kl, sigma[i], sigma[j]),
        KroneckerDelta(i, j) * (1 + 1 / sigma[i] ** 2),
    ),
    "log density": (
        log(density_p),
        -k * log(2 * pi) / 2 - Sum(z[i] ** 2, each) / 2,
    ),
    "second moments": (
        E(Sum(z[i] ** 2, each), posterior),
        Sum(sigma[i] ** 2 + mu[i] ** 2, each),
    ),
    "chain rule": (Derivative(logit, theta[j]), chain),
    "interchange": (
        Derivative(loss, theta[j]),
        E(-sigmoid(logit) * Derivative(logit, theta[j]), Normal(z)),
    ),
    "generator gradient": (
        Derivative(loss, theta[j]),
        E(-sigmoid(logit) * chain, Normal(z)),
    ),
    "discriminator gradient": (
        Derivative(
            -E(log(sigmoid(real_logit)), data)
            - E(log(1 - sigmoid(fake_logit)), Normal(z)),
            phi[j],
        ),
        -E((1 - sigmoid(real_logit)) * Derivative(real_logit, phi[j]), data)
        + E(sigmoid(fake_logit) * Derivative(fake_logit, phi[j]), Normal(z)),
    ),
    "change of variable in law": (
        E(h(y), Normal(y, x, 2)),
        E(h(x + 2 * y), Normal(y)),
    ),
}

WRONG = {
    "misprint": (E(log(density_q) - log(density_p), posterior), misprint),
    "kl slope, sign": (Derivative(kl, sigma[j]), sigma[j] + 1 / sigma[j]),
    "kl slope, square": (Derivative(kl, sigma[j]), sigma[j] - 1 / sigma[j] ** 2),
    "hessian without the delta": (
        Derivative(kl, sigma[i], sigma[j]),
        1 + 1 / sigma[i] ** 2,
    ),
    "log density, factor": (
        log(density_p),
        -k * log(2 * pi) - Sum(z[i] ** 2, each) / 2,
    ),
    "sigma for sigma squared": (
        E(Sum(z[i] ** 2, each), posterior),
        Sum(sigma[i] + mu[i] ** 2, each),
    ),
    "sum runs too far": (kl, kl.subs(k, k + 1)),
    "only from k = 3 on": (kl, kl + Max(k - 2, 0)),
    "only from k = 3 on, product": (
        kl,
        kl + Sum((i - 1) * (i - 2) * mu[i] ** 2, each),
    ),
    "wrong index": (Derivative(kl, mu[j]), mu[1]),
    "chain rule, factor": (Derivative(logit, theta[j]), 2 * chain),
    "chain rule, index": (
        Derivative(logit, theta[j]),
        Sum(Derivative(logit, image[m]) * Derivative(image[1], theta[j]), (m, 1, n)),
    ),
    "chain rule, one output": (
        Derivative(logit, theta[j]),
        Derivative(logit, image[1]) * Derivative(image[1], theta[j]),
    ),
    "gradient, sign": (
        Derivative(loss, theta[j]),
        E(sigmoid(logit) * chain, Normal(z)),
    ),
    "gradient, other loss": (
        Derivative(loss, theta[j]),
        E(-(1 - sigmoid(logit)) * chain, Normal(z)),
    ),
    "gradient, factor dropped": (Derivative(loss, theta[j]), E(-chain, Normal(z))),
    "gradient, E of a product": (
        Derivative(loss, theta[j]),
        -E(sigmoid(logit), Normal(z)) * E(chain, Normal(z)),
    ),
    "data and noise swapped": (
        E(log(sigmoid(real_logit)), data),
        E(log(sigmoid(fake_logit)), Normal(z)),
    ),
    "two laws are one": (
        E(real_logit, data),
        E(real_logit, Law("other", data.variable)),
    ),
    "softplus, sign": (loss, E(softplus(logit), Normal(z))),
}


@pytest.mark.parametrize("name", TRUE)
@pytest.mark.parametrize("seed", range(8))
def test_a_true_line_is_never_refuted(name, seed):
    found = compare(*TRUE[name], seed=seed)
    assert not found.refuted, str(found.witness)
    assert found.tried == 8


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("seed", range(4))
def test_a_wrong_line_is_refuted(name, seed):
    found = compare(*WRONG[name], seed=seed)
    assert found.refuted
    assert found.witness is not None
    assert not found.left.overlaps(found.right)


@pytest.mark.parametrize("side", [kl, E(log(density_q) - log(density_p), posterior)])
def test_the_witness_of_the_misprint_is_the_smallest(side):
    assert str(compare(side, misprint).witness) == "k = 1, mu = (0), sigma = (2)"


def test_200_seeds_tell_the_misprint_from_the_truth():
    for seed in range(200):
        assert compare(kl, misprint, seed=seed, points=3).refuted
        assert not compare(*TRUE["kl in log-sigma"], seed=seed).refuted


def test_the_fourth_moment_is_three():
    fourth = E(x**4, Normal(x))
    assert not any(compare(fourth, Integer(3), bits=bits).refuted for bits in (64, 256))
    assert compare(fourth, Rational(30000001, 10**7)).refuted


def test_points_have_one_two_and_three_coordinates():
    """An extra term at exactly k coordinates is seen, for k = 1, 2, 3."""
    for size in (1, 2, 3):
        assert compare(kl, kl + KroneckerDelta(k, size)).refuted


def test_a_point_shows_functions_as_formulas():
    witness = str(compare(h(x), h(x) + 1).witness)
    assert witness == "x = 0, h(x) = x"


def test_what_no_instance_reaches_is_not_said():
    bump = Max(0, 1 - abs(x - Rational(314159, 10007)) * 10**9)
    assert not compare(x, x + bump).refuted


PATTERN = {sigma[i]: exponential(t[i] / 2)}
in_log_variance = Sum(exponential(t[i]) + mu[i] ** 2 - 1 - t[i], each) / 2


def test_a_binding_gives_the_key_the_value():
    assert compare(kl, in_log_variance).refuted
    found = compare(kl, in_log_variance, bindings=PATTERN)
    assert (found.refuted, found.tried) == (False, 8)
    wrong = Sum(exponential(t[i]) + mu[i] ** 2 - 1 - t[i] / 2, each) / 2
    assert compare(kl, wrong, bindings=PATTERN).refuted
    assert not compare(x**2, exponential(y), bindings={x: exponential(y / 2)}).refuted


def test_what_a_binding_defines_does_not_move_with_a_derivative():
    """Whether d/dt acts on sigma(t) can be read in two ways: nothing is said."""
    moved = Derivative(Sum(sigma[i], each), t[j])
    found = compare(moved, Integer(7), bindings=PATTERN)
    assert not found.refuted
    assert found.tried == 0
    assert found.unevaluable


epsilon = Symbol("epsilon", positive=True)
slope = Derivative(logit, theta[j])
vanishing = (abs(Derivative(loss, theta[j])), epsilon * E(abs(slope), Normal(z)))


def test_premises_hold_at_every_point():
    premises = [Le(sigmoid(logit), epsilon)]
    assert compare(*vanishing, "<=").refuted
    found = compare(*vanishing, "<=", premises=premises)
    assert (found.refuted, found.tried) == (False, 8)
    tight = vanishing[0], vanishing[1] / 10
    assert compare(*tight, "<=", premises=premises).refuted


def test_premises_on_scalars_are_searched():
    odds = log(epsilon / (1 - epsilon))
    left, right = Le(sigmoid(x), epsilon), Le(x, odds)
    found = compare(left, right, premises=[Lt(epsilon, 1)])
    assert not found.refuted
    assert found.tried > 4
    assert compare(left, Le(x, -odds), premises=[Lt(epsilon, 1)]).refuted


def test_premises_that_nothing_meets_leave_nothing_tried():
    found = compare(x, x + 1, premises=[Lt(x**2, -1)])
    assert (found.refuted, found.tried) == (False, 0)


def test_a_division_by_zero_is_reported():
    nothing = Sum(mu[i], each) - Sum(mu[j], (j, 1, k))
    found = compare(1 / nothing, Integer(1))
    assert (found.refuted, found.tried) == (False, 0)
    assert found.undefined > 0
    assert found.division_by_zero == str(nothing)
    found = compare(1 / x, 1 / x)
    assert (found.division_by_zero, found.undefined) == ("x", 1)


def test_a_logarithm_of_what_is_not_positive_is_undefined():
    found = compare(log(-(x**2)), Integer(0))
    assert (found.refuted, found.tried, found.division_by_zero) == (False, 0, "")
    assert found.undefined > 0


def test_statements_are_compared_by_their_truth():
    assert compare(Lt(x, y), Lt(exponential(x), exponential(y))).refuted is False
    assert compare(Lt(x, y), Lt(y, x)).refuted
    assert compare(Eq(x, 0), Lt(abs(x), 0)).refuted


@pytest.mark.parametrize("word", ["positive", "nonnegative"])
def test_a_function_has_the_sign_that_it_is_given(word):
    bound = Function("M", **{word: True})
    average = E(bound(z) * sigmoid(logit), Normal(z))
    found = compare(average, E(bound(z), Normal(z)), "<=")
    assert (found.refuted, found.tried) == (False, 8)
    assert compare(average, E(bound(z), Normal(z)) / 100, "<=").refuted
    opposite = Function("N", negative=True)
    assert not compare(opposite(x), Integer(0), "<=").refuted
    assert compare(Integer(0), opposite(x), "<=").refuted


def test_a_symbol_that_no_point_can_be_is_not_judged():
    for never in (Symbol("c", imaginary=True), Symbol("q", irrational=True)):
        assert compare(never, never + 1).tried == 0
    zero = Symbol("o", zero=True)
    assert not compare(zero + 1, Integer(1)).refuted


def test_a_law_and_a_density_of_one_name_are_not_judged():
    density = Function("p_data", positive=True)
    found = compare(E(x, Law("p_data", x)), density(y))
    assert (found.refuted, found.tried) == (False, 0)
    assert found.unevaluable


@pytest.mark.parametrize(
    ("name", "milliseconds"),
    [("kl in log-sigma", 60), ("kl slope", 60), ("generator gradient", 150)],
)
def test_a_comparison_is_fast(name, milliseconds):
    """Thousands of mutants are compared; the best of three: the machine is shared."""
    spent = []
    for seed in range(3):
        started = time.process_time()
        compare(*TRUE[name], seed=seed)
        spent.append(time.process_time() - started)
    assert min(spent) * 1000 < milliseconds


@pytest.mark.parametrize("seed", range(20))
def test_a_witness_has_the_signs_that_the_symbols_are_declared_with(seed):
    p = Symbol("p", positive=True)
    found = compare(1 / (1 + p), p, "<=", seed=seed)
    assert found.refuted
    assert all(value > 0 for value in found.witness.numbers.values())
    assert not compare(p, Integer(0), "<=", seed=seed).witness.numbers[p] <= 0
