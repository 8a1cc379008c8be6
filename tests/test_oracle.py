"""The oracle: its truth, and what it says of right and of wrong losses."""

from __future__ import annotations

from collections.abc import Callable

import mpmath
import numpy as np
import pytest

from verify.budget import Budget
from verify.evidence import Verdict
from verify.losses.call import shapes
from verify.losses.candidate import Candidate
from verify.losses.convention import convention
from verify.losses.loss import LOSSES, SCALES
from verify.losses.magnitudes import INSIDE
from verify.losses.points import SHAPES, cases
from verify.oracle.comparison import ROUNDOFFS
from verify.oracle.definitions import DEFINITIONS
from verify.oracle.expected import divided, expectations
from verify.oracle.judge import cannot, judged
from verify.oracle.truth import Exact, terms

torch = pytest.importorskip("torch")
F = torch.nn.functional
SEPARABLE = [loss for loss in LOSSES.values() if loss.separable]


def mean_log_ratio(mu: float, sigma: float) -> mpmath.mpf:
    """The divergence by quadrature over z: neither nodes nor series."""

    def weighted(e: mpmath.mpf) -> mpmath.mpf:
        z = mu + sigma * e
        log_ratio = -e * e / 2 - mpmath.log(sigma) + z * z / 2
        return mpmath.npdf(e) * log_ratio

    return mpmath.quad(weighted, [-30, -10, -3, 0, 3, 10, 30])


@pytest.mark.parametrize(("mu", "sigma"), [(0.0, 2.0), (1.5, 0.3), (-3.0, 7.0)])
def test_two_nodes_are_the_mean_of_the_log_ratio(mu: float, sigma: float) -> None:
    with mpmath.workdps(30):
        expected = mean_log_ratio(mu, sigma)
        point = [np.array([mu]), np.array([sigma])]
        found = terms("gaussian_kl", ("mu", "sigma"), point)[()]
        error = mpmath.mpf(found.high[0]) + mpmath.mpf(found.low[0]) - expected
        assert abs(error) < mpmath.mpf(10) ** -20


@pytest.mark.parametrize("name", DEFINITIONS)
def test_the_series_are_the_derivatives(name: str) -> None:
    """Beside difference quotients of the values, at 60 digits' worth of step."""
    loss = next(x for x in SEPARABLE for p in x.parts if p.name == name)
    part = next(p for p in loss.parts if p.name == name)
    words = [loss.words[role][0] for role in part.roles]
    point = [np.array([0.3 + 0.2 * n]) for n in range(len(words))]
    found = terms(name, words, point)
    step = 2.0**-20
    for a, word in enumerate(words):
        sides = []
        for sign in (1, -1):
            moved = [p + sign * step * (n == a) for n, p in enumerate(point)]
            sides.append(terms(name, words, moved))
        quotient = (sides[0][()].high - sides[1][()].high) / (2 * step)
        assert abs(quotient - found[(a,)].high) < step, word
        for b in range(a, len(words)):
            slopes = [side[(b,)].high for side in sides]
            quotient = (slopes[0] - slopes[1]) / (2 * step)
            assert abs(quotient - found[(a, b)].high) < step * 10, (word, words[b])


def test_a_quotient_keeps_what_it_leaves_over() -> None:
    numbers = np.array([1.0, 1e300, 1e-250, np.pi])
    found = divided(Exact(numbers, np.zeros(4), np.ones(4)), 7)
    with mpmath.workdps(60):
        for n, number in enumerate(numbers):
            whole = mpmath.mpf(found.high[n]) + mpmath.mpf(found.low[n])
            assert abs(whole * 7 / mpmath.mpf(number) - 1) < mpmath.mpf(2) ** -100


@pytest.mark.parametrize("loss", SEPARABLE, ids=lambda loss: loss.name)
@pytest.mark.parametrize("dtype", INSIDE)
def test_batches_vary_in_all_that_matters(loss, dtype: str) -> None:
    said = convention(loss.name)
    batches = cases(said, dtype, 0, Budget.STANDARD)
    first = said.inputs[0]
    found = {case.arrays[first].shape for case in batches}
    assert set(SHAPES) <= found
    for word in said.inputs:
        every = np.concatenate([case.arrays[word].ravel() for case in batches])
        assert np.isfinite(every).all()
        assert (every.astype(np.float64) == every).all()
        assert len(np.unique(every)) > 50 or "target" in word
    assert any(case.beyond for case in batches)


def test_the_truth_has_the_shapes_of_the_convention() -> None:
    for loss in SEPARABLE:
        for reduction in loss.reductions:
            said = convention(loss.name, None, reduction)
            for batch in expectations(said, "float64", 0, Budget.STANDARD)[:4]:
                found = tuple(np.shape(v.high) for v in batch.value)
                assert found == shapes(said, batch.case.arrays)


def kl(mu, t):
    return (mu**2 + t.exp() - 1 - t).sum(-1) / 2


def classic(mu, t):
    return -0.5 * torch.sum(1 + t - mu.pow(2) - t.exp(), dim=-1)


def by_distributions(mu, t):
    normal = torch.distributions.Normal
    q, p = normal(mu, (t / 2).exp()), normal(torch.zeros_like(mu), torch.ones_like(t))
    return torch.distributions.kl_divergence(q, p).sum(-1)


def with_logits(target: float) -> Callable:
    def loss(h):
        return F.binary_cross_entropy_with_logits(h, torch.full_like(h, target))

    return loss


KL = ("gaussian_kl", ("mu", "log_variance"), "sum")
FAKE = ("saturating_generator_loss", None, None)
REAL = ("nonsaturating_generator_loss", None, None)
RIGHT = {
    "by hand": (KL, kl),
    "classic": (KL, classic),
    "torch.distributions": (KL, by_distributions),
    "cross-entropy, fake": (FAKE, lambda h: -with_logits(0.0)(h)),
    "cross-entropy, real": (REAL, with_logits(1.0)),
    "logsigmoid": (REAL, lambda h: -F.logsigmoid(h).mean()),
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", RIGHT)
def test_right_losses_are_within_rounding(name: str, dtype: str) -> None:
    said, function = RIGHT[name]
    found = judged(Candidate("right", function, convention(*said), dtype))
    assert found.verdict is Verdict.AGREES, found.figure
    assert found.share < 0.5
    assert not found.snippet


class _Flipped(torch.autograd.Function):
    @staticmethod
    def forward(ctx, h):
        ctx.save_for_backward(h)
        return F.softplus(-h, threshold=1000)

    @staticmethod
    def backward(ctx, g):
        (h,) = ctx.saved_tensors
        return torch.where(h < -30, g, -g) * torch.sigmoid(-h)


WRONG = {
    "no half": (KL, lambda mu, t: 2 * kl(mu, t)),
    "the misprint": (KL, lambda mu, t: (mu**2 + t.exp() - 1 - t / 2).sum(-1) / 2),
    "mean for sum": (KL, lambda mu, t: (mu**2 + t.exp() - 1 - t).mean(-1) / 2),
    "the first of each sample": (KL, lambda mu, t: kl(mu[:, :1], t[:, :1])),
    "clamped at 50": (KL, lambda mu, t: kl(mu, t.clamp(-50, 50))),
    "epsilon of 1e-12": (
        KL,
        lambda mu, t: (mu**2 + t.exp() - 1 - (t.exp() + 1e-12).log()).sum(-1) / 2,
    ),
    "one part in 1e12": (KL, lambda mu, t: kl(mu, t) * (1 + 1e-12)),
    "float32 inside": (KL, lambda mu, t: kl(mu.float(), t.float()).double()),
    "a detached mean": (KL, lambda mu, t: kl(mu.detach(), t) + 0 * mu.sum()),
    "a slope wrong below 1e-3": (
        KL,
        lambda mu, t: kl(mu, torch.where(t < -13.8, t.detach(), t)),
    ),
    "naive": (FAKE, lambda h: torch.log(1 - torch.sigmoid(h)).mean()),
    "saturates": (REAL, lambda h: torch.log(1 - torch.sigmoid(h)).mean()),
    "a threshold of 20": (REAL, lambda h: F.softplus(-h).mean()),
    "flipped below -30": (REAL, lambda h: _Flipped.apply(h).mean()),
    "BCE's clamp at -100": (
        ("nonsaturating_generator_loss", ("probabilities",), "mean"),
        lambda d: F.binary_cross_entropy(d, torch.ones_like(d)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_losses_are_refuted(name: str) -> None:
    said, function = WRONG[name]
    found = judged(Candidate(name, function, convention(*said)))
    assert found.verdict is Verdict.REFUTED
    assert found.snippet


def test_a_slope_of_one_half_at_zero_is_asked_for() -> None:
    def kinked(h):
        return (h.clamp(min=0) + torch.log1p(torch.exp(-h.abs()))).mean()

    said = convention("discriminator_loss")
    found = judged(Candidate("kinked", lambda r, f: kinked(-r) + kinked(f), said))
    assert found.value.verdict is Verdict.AGREES
    assert found.gradient.verdict is Verdict.REFUTED
    assert 0.0 in (found.gradient.where or {}).values()


def test_a_wrong_second_derivative_is_found_alone() -> None:
    def curved(mu, t):
        slope = (t.exp() - 1).detach() / 2
        flat = (mu**2).sum(-1) / 2
        return flat + (slope * (t - t.detach())).sum(-1) + kl(mu * 0, t).detach()

    found = judged(Candidate("flat", curved, convention(*KL)))
    assert found.value.verdict is Verdict.AGREES
    assert found.gradient.verdict is Verdict.AGREES
    assert found.second.verdict is Verdict.REFUTED


def test_what_overflows_beyond_the_range_is_a_finding() -> None:
    found = judged(Candidate("by way of sigma", by_distributions, convention(*KL)))
    assert found.verdict is Verdict.AGREES
    assert any("beyond 700" in finding for finding in found.findings)


def test_lost_digits_are_a_finding() -> None:
    found = judged(Candidate("classic", classic, convention(*KL), "float32"))
    assert found.verdict is Verdict.AGREES
    assert any("value loses all digits" in finding for finding in found.findings)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_an_error_of_16_roundoffs_is_seen(dtype: str) -> None:
    """The resolution that is claimed: twice the allowance is never let pass."""
    unit = 2.0 ** -(53 if dtype == "float64" else 24)
    for scale in SCALES:
        said = convention("gaussian_kl", ("mu", scale), "none")
        right = judged(Candidate("right", _own(scale), said, dtype))
        wrong = judged(
            Candidate("off", _own(scale, 1 + 2 * ROUNDOFFS * unit), said, dtype)
        )
        assert right.verdict is Verdict.AGREES
        assert wrong.value.verdict is Verdict.REFUTED
        assert wrong.gradient.verdict is Verdict.REFUTED


def _own(scale: str, factor: float = 1.0) -> Callable:
    from derivations import gaussian_kl

    return lambda mu, s: gaussian_kl.terms(mu, **{scale: s}) * factor


def test_what_the_oracle_cannot_judge_has_its_sentence() -> None:
    said = convention("multivariate_gaussian_kl")
    if reason := cannot(said):
        with pytest.raises(ValueError, match=reason):
            judged(Candidate("any", kl, said))
