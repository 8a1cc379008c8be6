"""Every reference against means of its definition over draws: see `verify.monte_carlo`.

The tolerance is a tail bound. All comparisons of all examples of all these tests are
counted: together they refute what is right with a probability below 1e-9.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreement import falls, stands
from near_misses import NEAR_MISSES, key, planted, right
from strategies import Drawn, arguments, factors, laws
from subjects import CASES, of
from verify.accuracy.formats import Format
from verify.evidence import Evidence, Verdict
from verify.losses.call import Fault, evaluated
from verify.losses.candidate import Candidate
from verify.losses.convention import Convention
from verify.losses.loss import LOSSES
from verify.monte_carlo import settings as laws_of
from verify.monte_carlo.comparison import compared, sight
from verify.monte_carlo.draws_probe import DrawsProbe
from verify.monte_carlo.family_wise import RATE, FamilyWise
from verify.monte_carlo.multivariate_definition import MatrixSheet
from verify.monte_carlo.multivariate_probe import MultivariateProbe
from verify.monte_carlo.points_probe import PointsProbe
from verify.monte_carlo.probe import Probe
from verify.monte_carlo.sampling import HERE
from verify.monte_carlo.sheet import Sheet
from verify.monte_carlo.truth import Means, averaged

pytest.importorskip("torch", reason="torch is not installed")

REACH = 3.0  # deviations of 1/8 to 8: draws near the mean keep their digits
WANTED = 2e-2  # of the size of an integrand
fewer = settings(max_examples=max(2, settings.default.max_examples // 2))
ASKED = 1024  # comparisons of one example, at most: 4 arguments of 12 x 12, and values
FAMILY = FamilyWise(RATE, len(CASES) * settings.default.max_examples * ASKED)
AT_POINTS = ("gaussian_kl", "gaussian_kl_between")


class AtPoints(PointsProbe):
    """A batch of parameter vectors that are drawn."""

    def __init__(self, case: Convention, drawn: Drawn) -> None:
        (part,) = case.loss.parts
        words = {role: case.word(role) for role in part.roles}
        self.shape = drawn.exact[0].shape
        self.signs = np.ones(self.shape)
        given = {role: drawn.arrays[word].ravel() for role, word in words.items()}
        noise = np.tile(np.arange(self.shape[1]), self.shape[0])
        sheet = Sheet(part.name, part.sign, words, given, noise, 0)
        Probe.__init__(self, case, drawn.form, (sheet,))


def of_laws(case: Convention, drawn: tuple[Format, list[dict]]) -> DrawsProbe:
    """Draws of logits or targets as arguments, under laws that are drawn."""
    form, natural = drawn
    sheets = []
    for place, (part, law) in enumerate(zip(case.loss.parts, natural, strict=True)):
        words = {role: case.word(role) for role in part.roles}
        given = laws_of.in_words(laws_of.named(part, law), words, form)
        noise = np.arange(len(next(iter(given.values()))))
        sheets.append(Sheet(part.name, part.sign, words, given, noise, 2 * place))
    return DrawsProbe(case, form, tuple(sheets))


class OfMatrices(MultivariateProbe):
    """A batch of pairs of laws that are drawn."""

    def __init__(self, case: Convention, drawn: Drawn) -> None:
        self.given = drawn.arrays
        rows = zip(*drawn.exact, strict=True)
        sheets = tuple(MatrixSheet(*row, 2 * n) for n, row in enumerate(rows))
        self.factors = np.ones(len(sheets))
        Probe.__init__(self, case, drawn.form, sheets)


def agrees_with_draws(candidate: Candidate, probe: Probe, seed: int) -> Evidence:
    """Values and slopes are within the tolerance of means over draws."""
    candidate = replace(candidate, dtype=probe.form.name)
    design = probe.design(WANTED, FAMILY.odds)
    try:
        results = evaluated(candidate, probe.arrays(seed), probe.weights())
        sampled = [averaged(sheet, design, seed, HERE) for sheet in probe.sheets]
        expected = Means(probe, probe.expected(sampled), design)
        found = compared(expected, probe.answers(results, seed), FAMILY)
    except Fault as fault:
        verdict, figure, seen = Verdict.REFUTED, str(fault), ""
    else:
        assert found.count <= ASKED, "the rate was shared among fewer"
        verdict = Verdict.AGREES if found.share <= 1 else Verdict.REFUTED
        figure = f"{found.words}, {found.share:.2g} of what is allowed"
        of_value, of_slope = sight(expected, FAMILY)
        seen = f"{of_value:.1g} of a value, {of_slope:.1g} of a slope"
    return Evidence(candidate.name, "Monte Carlo", verdict, figure, seen, seed, 0.0)


def asked(case: str) -> st.SearchStrategy[Probe]:
    """Questions to a loss of one convention."""
    what = CASES[case]
    if not what.loss.separable:
        return factors(most=3).map(lambda drawn: OfMatrices(what, drawn))
    if what.loss.name in AT_POINTS:
        drawn = arguments(what, reach=REACH)
        return drawn.map(lambda d: AtPoints(what, d))
    return laws(what).map(lambda d: of_laws(what, d))


seeds = st.integers(0, 3)


@pytest.mark.parametrize("case", of("gaussian_kl"))
@fewer
@given(data=st.data(), seed=seeds)
def test_the_divergence_is_a_mean_over_draws(case: str, data, seed: int) -> None:
    stands(agrees_with_draws(right(case), data.draw(asked(case)), seed))


@pytest.mark.parametrize("name", [n for n in LOSSES if n != "gaussian_kl"])
@fewer
@given(data=st.data(), seed=seeds)
def test_a_loss_is_a_mean_over_draws(name: str, data, seed: int) -> None:
    case = data.draw(st.sampled_from(of(name)))
    stands(agrees_with_draws(right(case), data.draw(asked(case)), seed))


@pytest.mark.parametrize(
    ("name", "miss"),
    [
        pytest.param(name, miss, id=f"{name}, {miss}")
        for name, misses in NEAR_MISSES.items()
        for miss in misses
    ],
)
def test_draws_find_out(name: str, miss: str) -> None:
    wrong = planted(name, miss)
    falls(asked(key(name)), lambda probe: agrees_with_draws(wrong, probe, 0))
