"""Sampling: right losses agree, near misses do not, and it says what it would see."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import inf, log

import numpy as np
import pytest
from scipy.stats import binom

from verify.accuracy.formats import FORMATS
from verify.evidence import Verdict
from verify.losses.candidate import Candidate
from verify.losses.convention import Convention, convention
from verify.losses.loss import LOSSES, SCALES
from verify.monte_carlo import comparison, truth
from verify.monte_carlo.false_alarms import false_alarms
from verify.monte_carlo.family_wise import CONVENTIONS
from verify.monte_carlo.judge import cannot, judged
from verify.monte_carlo.noise import Design
from verify.monte_carlo.plan import comparisons, probes
from verify.monte_carlo.reference import reference
from verify.monte_carlo.sampling import Place
from verify.monte_carlo.tail import Spread

torch = pytest.importorskip("torch")
softplus = torch.nn.functional.softplus

Function = Callable[..., object]
SOME = 2**13  # draws: the rate holds for any number, only the resolution suffers
LOG_VARIANCE = ("mu", "log_variance")


def candidate(
    function: Function,
    claim: str,
    inputs: tuple[str, ...] | None = None,
    reduction: str | None = None,
    dtype: str = "float64",
    framework: str = "torch",
) -> Candidate:
    said = convention(claim, inputs, reduction)
    return Candidate("tried", function, said, dtype, framework)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("claim", LOSSES)
def test_every_reference_agrees(claim: str, dtype: str) -> None:
    draws = 2**12 if claim.startswith("multivariate") else SOME
    found = judged(reference(claim, dtype), draws=draws)
    assert found.verdict is Verdict.AGREES, found.figure
    assert found.share < 1
    assert found.compared == comparisons(probes(convention(claim), dtype))
    assert found.in_value < 0.02
    assert found.in_gradient < 0.02
    assert cannot(convention(claim)) == ""


SIGMA = {
    "sigma": lambda s: s,
    "variance": lambda v: v.sqrt(),
    "log_variance": lambda t: (t / 2).exp(),
    "log_sigma": lambda t: t.exp(),
}
REDUCED = {
    "none": lambda terms: terms,
    "sum": lambda terms: terms.sum(-1),
    "mean": lambda terms: terms.mean(),
    "sum_mean": lambda terms: terms.sum(-1).mean(),
}


@pytest.mark.parametrize(("word", "reduction"), [*product(SCALES, REDUCED)])
def test_the_textbook_agrees_in_every_convention(word: str, reduction: str) -> None:
    def textbook(mu, scale):
        sigma = SIGMA[word](scale)
        return REDUCED[reduction]((mu**2 + sigma**2 - 1) / 2 - sigma.log())

    found = judged(
        candidate(textbook, "gaussian_kl", ("mu", word), reduction), draws=SOME
    )
    assert found.verdict is Verdict.AGREES, found.figure


@pytest.mark.parametrize("word", ["logits", "probabilities"])
@pytest.mark.parametrize("reduction", REDUCED)
def test_logits_and_probabilities_agree(word: str, reduction: str) -> None:
    def written(given):
        terms = -softplus(given) if word == "logits" else torch.log1p(-given)
        return REDUCED[reduction](terms)

    claim = "saturating_generator_loss"
    found = judged(candidate(written, claim, (word,), reduction), draws=SOME)
    assert found.verdict is Verdict.AGREES, found.figure


def kl(mu, t):
    return (mu**2 + t.exp() - 1 - t).sum(-1) / 2


def between(mu1, mu2, s1, s2):
    return ((s1 / s2) ** 2 + ((mu1 - mu2) / s2) ** 2 - 1 - 2 * (s1 / s2).log()).sum(
        -1
    ) / 2


def flipped(tensor):
    """The same value; derivatives with the other sign."""
    return 2 * tensor.detach() - tensor


def nll(mean, x, s):
    return (((x - mean) / s) ** 2 / 2 + s.log() + log(2 * np.pi) / 2).sum(-1)


NEAR_MISSES: dict[str, tuple[Function, tuple]] = {
    "without the half": (lambda m, t: 2 * kl(m, t), ("gaussian_kl", LOG_VARIANCE)),
    "log sigma for log sigma^2": (
        lambda m, t: (m**2 + t.exp() - 1 - t / 2).sum(-1) / 2,
        ("gaussian_kl", LOG_VARIANCE),
    ),
    "the other sign": (lambda m, t: -kl(m, t), ("gaussian_kl", LOG_VARIANCE)),
    "without the 1": (
        lambda m, t: kl(m, t) + 0.5,
        ("gaussian_kl", LOG_VARIANCE),
    ),
    "the mean over coordinates": (
        lambda m, t: kl(m, t) / m.shape[-1],
        ("gaussian_kl", LOG_VARIANCE),
    ),
    "one mean over everything": (
        lambda m, t: (m**2 + t.exp() - 1 - t).mean() / 2,
        ("gaussian_kl", LOG_VARIANCE, "sum_mean"),
    ),
    "the gradient flipped": (
        lambda m, t: flipped(kl(m, t)),
        ("gaussian_kl", LOG_VARIANCE),
    ),
    "the variance detached": (
        lambda m, t: kl(m, t) + (t.exp().detach() - t.exp()).sum(-1) / 2,
        ("gaussian_kl", LOG_VARIANCE),
    ),
    "an epsilon of 1e-6 in the logarithm": (
        lambda m, t: (m**2 + t.exp() - 1 - (t.exp() + 1e-6).log()).sum(-1) / 2,
        ("gaussian_kl", LOG_VARIANCE),
    ),
    "wrong only below sigma = 1e-3": (
        lambda m, s: (m**2 + s**2 - 1 - 2 * s.clamp(min=1e-3).log()).sum(-1) / 2,
        ("gaussian_kl", ("mu", "sigma")),
    ),
    "the laws exchanged": (
        lambda m, n, s, t: between(n, m, t, s),
        ("gaussian_kl_between",),
    ),
    "saturating for nonsaturating": (
        lambda h: -softplus(h).mean(),
        ("nonsaturating_generator_loss",),
    ),
    "the other sign of the logit": (
        lambda h: -softplus(-h).mean(),
        ("saturating_generator_loss",),
    ),
    "base 2": (
        lambda h: -softplus(h).mean() / log(2),
        ("saturating_generator_loss",),
    ),
    "an epsilon of 1e-8 beside 1 - D": (
        lambda h: torch.log(1 - torch.sigmoid(h) + 1e-8).mean(),
        ("saturating_generator_loss",),
    ),
    "one percent too much": (
        lambda h: 1.01 * softplus(-h).mean(),
        ("nonsaturating_generator_loss",),
    ),
    "no gradient of the real logits": (
        lambda r, f: softplus(-r).detach().mean() + softplus(f).mean(),
        ("discriminator_loss",),
    ),
    "half of a discriminator": (
        lambda r, f: (softplus(-r).mean() + softplus(f).mean()) / 2,
        ("discriminator_loss",),
    ),
    "the target forgotten": (
        lambda h, x: softplus(h).sum(-1) + 0 * x.sum(-1),
        ("bernoulli_nll",),
    ),
    "no constant": (
        lambda m, x, s: nll(m, x, s) - m.shape[-1] * log(2 * np.pi) / 2,
        ("gaussian_nll",),
    ),
    "sigma for its square": (
        lambda m, x, s: ((x - m) ** 2 / (2 * s) + s.log() + log(2 * np.pi) / 2).sum(-1),
        ("gaussian_nll",),
    ),
}


def test_what_the_near_misses_are_made_of_is_right() -> None:
    for function, given in (
        (kl, ("gaussian_kl", LOG_VARIANCE)),
        (between, ("gaussian_kl_between",)),
        (nll, ("gaussian_nll",)),
    ):
        found = judged(candidate(function, *given), draws=SOME)
        assert found.verdict is Verdict.AGREES, found.figure


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_a_near_miss_is_refuted(name: str) -> None:
    function, given = NEAR_MISSES[name]
    found = judged(candidate(function, *given), draws=SOME)
    assert found.verdict is Verdict.REFUTED, (found.figure, found.resolution)
    assert "within" in found.figure


def multivariate(change: Callable) -> Function:
    def divergence(mu1, tril1, mu2, tril2):
        y = torch.linalg.solve_triangular(tril2, (mu1 - mu2)[..., None], upper=False)
        whitened = torch.linalg.solve_triangular(tril2, tril1, upper=False)
        logs = whitened.diagonal(dim1=-2, dim2=-1).log().sum(-1)
        squares = (whitened**2).sum((-2, -1)) - mu1.shape[-1]
        return change(squares / 2, (y**2).sum((-2, -1)) / 2, logs)

    return divergence


@pytest.mark.parametrize(
    ("change", "right"),
    [
        (lambda squares, shift, logs: squares + shift - logs, True),
        (lambda squares, shift, logs: squares + shift + logs, False),
        (lambda squares, shift, logs: squares + 2 * shift - logs, False),
        (lambda squares, shift, logs: 1.03 * (squares + shift - logs), False),
    ],
    ids=["right", "the determinant's sign", "the shift's half", "three percent"],
)
def test_full_covariances_are_judged(change: Callable, right: bool) -> None:
    claim = "multivariate_gaussian_kl"
    found = judged(candidate(multivariate(change), claim), draws=2**12)
    assert (found.verdict is Verdict.AGREES) == right, found.figure


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda m, t: 1 / 0, "raises ZeroDivisionError"),
        (lambda m, t: kl(m, t).sum(), "returns shape"),
        (lambda m, t: kl(m, t).detach(), "no gradient"),
        (lambda m, t: kl(m, t) * torch.nan, "nan"),
        (lambda m, t: kl(m, t).float(), "returns torch.float32"),
    ],
    ids=["raises", "shape", "detached", "nan", "dtype"],
)
def test_what_does_not_compute_a_loss_is_refuted(function, words: str) -> None:
    found = judged(candidate(function, "gaussian_kl", LOG_VARIANCE), draws=SOME)
    assert found.verdict is Verdict.REFUTED
    assert words in found.figure
    assert found.share > 1


def test_values_of_numpy_are_judged_without_a_gradient() -> None:
    def plain(mu, t):
        return (mu**2 + np.exp(t) - 1 - t).sum(-1) / 2

    given = ("gaussian_kl", LOG_VARIANCE, "sum", "float64", "numpy")
    found = judged(candidate(plain, *given), draws=SOME)
    assert found.verdict is Verdict.AGREES
    assert found.in_gradient == inf
    assert "gradient" not in found.resolution
    wrong = judged(candidate(lambda m, t: 1.01 * plain(m, t), *given), draws=SOME)
    assert wrong.verdict is Verdict.REFUTED


def test_too_few_draws_leave_it_undecided() -> None:
    found = judged(reference("gaussian_nll"), draws=2)
    assert found.verdict is Verdict.UNDECIDED
    assert found.in_value > 0.1


def test_an_error_of_the_stated_size_is_seen() -> None:
    """And a twentieth of it is not: the figure is no boast, and no understatement."""
    right = judged(candidate(kl, "gaussian_kl", LOG_VARIANCE), draws=SOME)

    def off_by(error: float) -> Verdict:
        def function(mu, t):
            value = kl(mu, t)
            return value + error * value.detach()

        tried = candidate(function, "gaussian_kl", LOG_VARIANCE)
        return judged(tried, draws=SOME).verdict

    assert off_by(1.01 * right.in_value) is Verdict.REFUTED
    assert off_by(-1.01 * right.in_value) is Verdict.REFUTED
    assert off_by(right.in_value / 20) is Verdict.AGREES


@pytest.mark.parametrize(
    "claim", ["gaussian_kl", "saturating_generator_loss", "gaussian_nll"]
)
def test_right_losses_are_refuted_at_most_as_often_as_stated(claim: str) -> None:
    """At a nominal rate of 0.1, over 12 seeds: no more than a coin of that rate."""
    rate, seeds = 0.1, range(12)
    missed = false_alarms(reference(claim), rate, seeds)
    assert missed <= binom.isf(1e-6, len(seeds), rate)


def test_wrong_losses_are_refuted_under_every_seed() -> None:
    tried = candidate(lambda m, t: 1.02 * kl(m, t), "gaussian_kl", LOG_VARIANCE)
    assert false_alarms(tried, 0.1, range(10), draws=2**12) == 10


def test_torch_and_numpy_give_the_same_verdict() -> None:
    for function in (kl, NEAR_MISSES["without the half"][0]):
        tried = candidate(function, "gaussian_kl", LOG_VARIANCE)
        ours = judged(tried, draws=SOME)
        theirs = judged(tried, draws=SOME, place=Place("torch", "cpu"))
        assert ours.verdict is theirs.verdict
        assert ours.share == pytest.approx(theirs.share, rel=1e-6)


def test_a_second_callable_needs_no_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    judged(candidate(kl, "gaussian_kl", LOG_VARIANCE), draws=SOME)
    monkeypatch.setattr(truth, "sampled", None)
    found = judged(
        candidate(lambda m, t: kl(m, t), "gaussian_kl", LOG_VARIANCE), draws=SOME
    )
    assert found.verdict is Verdict.AGREES


def every_convention() -> list[Convention]:
    return [
        convention(loss.name, words, reduction)
        for loss in LOSSES.values()
        for words in product(*loss.words.values())
        for reduction in loss.reductions
    ]


def test_the_rate_of_a_run_is_shared_by_all_that_there_is() -> None:
    """`probes` raises where a convention has more comparisons than its share."""
    found = every_convention()
    assert len(found) * len(FORMATS) <= CONVENTIONS
    for dtype in ("float64", "bfloat16"):
        for said in found:
            if said.reduction == "none" or said.loss.name.startswith("multi"):
                assert comparisons(probes(said, dtype)) > 0


@pytest.mark.parametrize("which", ["answer", "mean", "tolerance"])
def test_what_is_no_number_never_agrees(which: str) -> None:
    numbers = {"answer": np.ones(2), "mean": np.ones(2), "tolerance": np.full(2, 0.1)}
    assert (comparison._shares(*numbers.values()) <= 1).all()
    numbers[which][1] = np.nan
    assert (comparison._shares(*numbers.values()) <= 1).tolist() == [True, False]


def test_a_tolerance_that_is_no_number_refutes(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(means, chosen):
        return np.full(len(means.expected), np.nan)

    monkeypatch.setattr(comparison, "allowed", none)
    comparison.seen.cache_clear()
    found = judged(candidate(kl, "gaussian_kl", LOG_VARIANCE), draws=SOME)
    comparison.seen.cache_clear()
    assert found.verdict is Verdict.REFUTED
    assert (found.in_value, found.typical_value) == (inf, inf)


def test_a_share_that_is_no_number_refutes(monkeypatch: pytest.MonkeyPatch) -> None:
    from verify.monte_carlo import judge

    broken = comparison.Compared(np.nan, "a number", 1)
    monkeypatch.setattr(judge, "compared", lambda *given: broken)
    found = judge.judged(candidate(kl, "gaussian_kl", LOG_VARIANCE), draws=SOME)
    assert found.verdict is Verdict.REFUTED
    assert found.figure == "a number"


def test_one_coordinate_is_quadratic_or_lipschitz_and_not_both() -> None:
    one, none = np.ones(2), np.zeros(2)
    Spread(Design(64), one, none, none)
    Spread(Design(64), one * [1, 0], none, one * [0, 1])
    for a, b in ((one, none), (none, one)):
        with pytest.raises(ValueError, match="coordinate 1 has"):
            Spread(Design(64), a, b, one * [0, 1])


def test_it_says_what_it_sees_typically_and_not_at_best_alone() -> None:
    found = judged(reference("gaussian_kl"), draws=SOME)
    assert found.in_value < found.typical_value < 0.1
    assert found.in_gradient < found.typical_gradient < 0.1
    assert f"{found.typical_value:.1g} typically" in found.resolution
    assert f"{found.in_value:.1g} at best" in found.resolution
    more = judged(reference("gaussian_kl"), draws=16 * SOME)
    assert more.typical_value < found.typical_value / 4
