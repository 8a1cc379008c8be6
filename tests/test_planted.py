"""Planted errors: wrong lines are refuted, none is proved that is false.

The whole of it is `python -m verify planted`; here is an even share of it.
"""

from __future__ import annotations

from collections import Counter

import pytest

from derivations.catalogue import catalogue
from verify.balls import compare
from verify.judge import Judge, compared_sides
from verify.mutants import OPERATORS, mutants
from verify.planted import Fate, plant, power
from verify.robustness import idle_rules, refuting_seeds, right_names

EACH = 2
SHARE = 5
SEEDS = 4


def test_wrong_lines_are_refuted_with_a_witness() -> None:
    judge = Judge(seconds=5)
    names = right_names()[::SHARE]
    planted = [p for name in names for p in plant(catalogue()[name], judge, EACH)]
    fates = Counter(p.fate for p in planted)
    assert sum(fates.values()) >= 60
    missed = [p for p in planted if p.fate is Fate.OPEN]
    assert power(planted) >= 0.97, missed


def test_every_operator_finds_something_to_change() -> None:
    named = ("gaussian_kl", "saturating_generator_gradient", "threshold_attained")
    found = {m[0] for name in named for m in mutants(catalogue()[name])}
    assert found == set(OPERATORS)


@pytest.mark.parametrize("name", right_names()[::8])
def test_no_seed_refutes_a_right_derivation(name: str) -> None:
    assert refuting_seeds(name, count=SEEDS) == []


def test_the_search_of_points_does_refute_a_wrong_line_under_every_seed() -> None:
    derivation = catalogue()["printed_kl"]
    above, step = derivation.steps[0], derivation.steps[1]
    left, right, bindings, premises = compared_sides(above.expression, step)
    for seed in range(20):
        found = compare(
            left, right, premises=premises, bindings=bindings, seed=seed, points=6
        )
        assert found.refuted


@pytest.mark.parametrize("name", right_names()[1::4])
def test_no_step_cites_a_rule_that_it_does_not_need(name: str) -> None:
    assert idle_rules(name) == []
