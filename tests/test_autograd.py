"""Autograd through the definition: right losses agree with it, near misses do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402
from torch.distributions import Normal, kl_divergence  # noqa: E402
from torch.nn import functional as F  # noqa: E402

import derivations  # noqa: E402
from verify.autograd.judge import cannot, judged  # noqa: E402
from verify.evidence import Evidence, Verdict  # noqa: E402
from verify.losses.candidate import Candidate  # noqa: E402
from verify.losses.convention import convention  # noqa: E402
from verify.losses.loss import LOSSES, SCALES  # noqa: E402

KL, LOG_VARIANCE = "gaussian_kl", ("mu", "log_variance")
SATURATING, NONSATURATING = "saturating_generator_loss", "nonsaturating_generator_loss"
DISCRIMINATOR = "discriminator_loss"


def verdict_of(
    function: Callable[..., Any],
    loss: str,
    words: tuple[str, ...] | None = None,
    reduction: str | None = None,
    dtype: str = "float64",
    framework: str = "torch",
) -> Evidence:
    said = convention(loss, words, reduction)
    return judged(Candidate(function.__name__, function, said, dtype, framework))


def kl(mu: Tensor, t: Tensor) -> Tensor:
    return 0.5 * (mu**2 + t.exp() - 1 - t).sum(-1)


def kl_of_normals(mu: Tensor, sigma: Tensor) -> Tensor:
    one = torch.ones_like(mu)
    return kl_divergence(Normal(mu, sigma), Normal(0 * one, one)).sum(-1)


def of_keyword(word: str) -> Callable[[Tensor, Tensor], Tensor]:
    def ours(mu: Tensor, scale: Tensor) -> Tensor:
        return derivations.gaussian_kl(mu, **{word: scale})

    return ours


def with_logits(h: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(h, torch.ones_like(h))


def softplus(h: Tensor) -> Tensor:
    return F.softplus(-h, threshold=40.0).mean()


def as_written(h: Tensor) -> Tensor:
    return torch.log(1 - torch.sigmoid(h)).mean()


def two_losses(real: Tensor, fake: Tensor) -> Tensor:
    return -F.logsigmoid(real).mean() - F.logsigmoid(-fake).mean()


def nll(mean: Tensor, target: Tensor, v: Tensor) -> Tensor:
    log_density = Normal(mean, v.sqrt()).log_prob(target)
    return -log_density.sum(-1)


def elbo(h: Tensor, x: Tensor, mu: Tensor, t: Tensor) -> Tensor:
    loss = F.binary_cross_entropy_with_logits(h, x, reduction="none")
    return -loss.sum(-1) - kl(mu, t)


RIGHT = (
    *((of_keyword(word), KL, ("mu", word), "sum") for word in SCALES),
    (kl, KL, LOG_VARIANCE, "sum"),
    (kl_of_normals, KL, ("mu", "sigma"), "sum"),
    (derivations.saturating_generator_loss, SATURATING, None, "mean"),
    (derivations.nonsaturating_generator_loss, NONSATURATING, None, "mean"),
    (derivations.discriminator_loss, DISCRIMINATOR, None, "mean"),
    (with_logits, NONSATURATING, None, "mean"),
    (softplus, NONSATURATING, None, "mean"),
    (two_losses, DISCRIMINATOR, None, "mean"),
    (derivations.bernoulli_nll, "bernoulli_nll", None, "sum"),
    (nll, "gaussian_nll", ("mean", "target", "variance"), "sum"),
    (elbo, "bernoulli_elbo", ("logits", "target", "mu", "log_variance"), "sum"),
    (derivations.multivariate_gaussian_kl, "multivariate_gaussian_kl", None, "sum"),
)


def named(row: tuple) -> str:
    """What each worker calls the row too: no address in it."""
    function, loss, words, _ = row
    return f"{loss} {words} {getattr(function, '__name__', type(function).__name__)}"


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("row", RIGHT, ids=named)
def test_right_losses_agree_with_their_definitions(row: tuple, dtype: str) -> None:
    function, loss, words, reduction = row
    function.__name__ = getattr(function, "__name__", loss)
    found = verdict_of(function, loss, words, reduction, dtype)
    assert found.verdict is Verdict.AGREES, found.figure
    assert "of a slope" in found.resolution


def test_the_formula_as_it_is_written_is_right_until_it_overflows_in_float32() -> None:
    assert verdict_of(as_written, SATURATING).verdict is Verdict.AGREES
    found = verdict_of(as_written, SATURATING, dtype="float32")
    assert found.verdict is Verdict.REFUTED
    assert "-inf" in found.figure


class Scaled(torch.autograd.Function):
    """The right value and slope, and a second derivative that is 1 % too large."""

    @staticmethod
    def forward(ctx: Any, t: Tensor) -> Tensor:
        ctx.save_for_backward(t)
        return t.exp()

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> Tensor:
        (t,) = ctx.saved_tensors
        right = t.exp()
        return upstream * (right.detach() + 1.01 * (right - right.detach()))


class Stretched(torch.autograd.Function):
    """A right value and gradient, and a forward mode of twice the size."""

    @staticmethod
    def forward(t: Tensor) -> Tensor:
        return t.exp()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple, output: Tensor) -> None:
        ctx.save_for_backward(output)
        ctx.save_for_forward(output)

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> Tensor:
        return upstream * ctx.saved_tensors[0]

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor) -> Tensor:
        return 2 * tangent * ctx.saved_tensors[0]


def in_rows(term: Callable[[Tensor, Tensor], Tensor]) -> Callable:
    return lambda mu, t: 0.5 * term(mu, t).sum(-1)


def slope_of(value: Tensor, like: Tensor) -> Tensor:
    return value.detach() + like - like.detach()


WRONG_KL = {
    "a sign": in_rows(lambda mu, t: mu**2 + t.exp() - 1 + t),
    "a coefficient": lambda mu, t: (mu**2 + t.exp() - 1 - t).sum(-1),
    "an exponent": in_rows(lambda mu, t: mu.abs() ** 3 + t.exp() - 1 - t),
    "a dropped term": in_rows(lambda mu, t: mu**2 + t.exp() - t),
    "an axis": lambda mu, t: 0.5 * (mu**2 + t.exp() - 1 - t).sum(0),
    "a mean for a sum": lambda mu, t: 0.5 * (mu**2 + t.exp() - 1 - t).mean(-1),
    "the arguments exchanged": in_rows(lambda mu, t: t**2 + mu.exp() - 1 - mu),
    "a log-sigma": in_rows(lambda mu, t: mu**2 + (2 * t).exp() - 1 - 2 * t),
    "an epsilon": in_rows(lambda mu, t: mu**2 + t.exp() - 1 - (t.exp() + 1e-9).log()),
    "a relative error": in_rows(lambda mu, t: (mu**2 + t.exp() - 1 - t) * (1 + 1e-12)),
    "single precision": lambda mu, t: kl(mu.float(), t.float()).double(),
    "a clamp": in_rows(lambda mu, t: mu**2 + t.exp() - 1 - t.clamp(-10.0, 10.0)),
    "a detached term": in_rows(lambda mu, t: mu**2 + t.exp().detach() - 1 - t),
    "no gradient at all": lambda mu, t: kl(mu, t).detach(),
    "a scaled gradient": lambda mu, t: slope_of(kl(mu, t), 1.001 * kl(mu, t)),
    "a flipped gradient": lambda mu, t: slope_of(kl(mu, t), -kl(mu, t)),
    "a gradient wrong below 0": lambda mu, t: slope_of(
        kl(mu, t), kl(mu, torch.where(t < 0, t.detach(), t))
    ),
    "a gradient wrong at 0": lambda mu, t: slope_of(
        kl(mu, t),
        kl(torch.where(mu == 0, mu + (mu - mu.detach()), mu), t) + mu.abs().sum(-1),
    ),
    "a second derivative": in_rows(lambda mu, t: mu**2 + Scaled.apply(t) - 1 - t),
    "a forward mode": in_rows(lambda mu, t: mu**2 + Stretched.apply(t) - 1 - t),
    "mixed samples": lambda mu, t: kl(mu, t) + 0 * mu.sum() + mu[:1].sum() * 1e-9,
}


@pytest.mark.parametrize("name", WRONG_KL)
def test_wrong_divergences_are_refuted(name: str) -> None:
    function = WRONG_KL[name]
    found = judged(Candidate(name, function, convention(KL, LOG_VARIANCE, "sum")))
    assert found.verdict is Verdict.REFUTED, found.figure


WRONG_LOGITS = {
    "the other loss": lambda h: F.softplus(h).mean(),
    "a sign": lambda h: -F.softplus(-h).mean(),
    "a sum": lambda h: F.softplus(-h).sum(),
    "an epsilon": lambda h: -(torch.sigmoid(h) + 1e-8).log().mean(),
    "log2": lambda h: -torch.sigmoid(h).log2().mean(),
    "a slope of 1 at 0": lambda h: (
        h.abs() / 2 - h / 2 + torch.log1p((-h.abs()).exp())
    ).mean(),
    "a clamp": lambda h: F.softplus(-h.clamp(min=-5.0)).mean(),
    "no slope above 0": lambda h: F.softplus(-torch.where(h > 0, h.detach(), h)).mean(),
}


@pytest.mark.parametrize("name", WRONG_LOGITS)
def test_wrong_generator_losses_are_refuted(name: str) -> None:
    found = judged(Candidate(name, WRONG_LOGITS[name], convention(NONSATURATING)))
    assert found.verdict is Verdict.REFUTED, found.figure


def test_one_mean_over_both_batches_is_refuted() -> None:
    def mean_of_all(real: Tensor, fake: Tensor) -> Tensor:
        return (
            2 * torch.cat([F.softplus(-real).ravel(), F.softplus(fake).ravel()]).mean()
        )

    assert verdict_of(mean_of_all, DISCRIMINATOR).verdict is Verdict.REFUTED


def test_a_likelihood_without_its_constant_is_refuted() -> None:
    def without(mean: Tensor, target: Tensor, v: Tensor) -> Tensor:
        loss = F.gaussian_nll_loss(mean, target, v, full=False, reduction="none")
        return loss.sum(-1)

    words = ("mean", "target", "variance")
    assert verdict_of(without, "gaussian_nll", words).verdict is Verdict.REFUTED


FAULTS = {
    "raises ZeroDivisionError": lambda mu, t: 1 / 0,
    "returns a tuple of 2": lambda mu, t: (mu, t),
    "returns float": lambda mu, t: 0.0,
    "returns shape": lambda mu, t: mu,
    "returns torch.float32": lambda mu, t: kl(mu, t).float(),
    "changes what it was given": lambda mu, t: kl(mu.detach().mul_(2), t),
    "returns two values": lambda mu, t: kl(mu, t) + torch.rand(()),
    "no gradient": lambda mu, t: kl(mu, t).detach(),
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_is_a_refutation_that_says_so(what: str) -> None:
    found = judged(Candidate(what, FAULTS[what], convention(KL, LOG_VARIANCE, "sum")))
    assert found.verdict is Verdict.REFUTED
    assert what in found.figure


class End(torch.autograd.Function):
    """The same number, of which no derivative can be had."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.clone()

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> Tensor:
        raise NotImplementedError("nobody wrote it")


class Once(torch.autograd.Function):
    """e^t with neither a second derivative nor a forward mode."""

    @staticmethod
    def forward(ctx: Any, t: Tensor) -> Tensor:
        ctx.save_for_backward(t)
        return t.exp()

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> Tensor:
        return upstream * End.apply(ctx.saved_tensors[0].exp())


class Forgets(torch.autograd.Function):
    """e^t, and a slope that does not know that it is one of t."""

    @staticmethod
    def forward(ctx: Any, t: Tensor) -> Tensor:
        ctx.save_for_backward(t)
        return t.exp()

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> Tensor:
        return upstream * ctx.saved_tensors[0].exp().detach()


def test_what_a_candidate_lacks_is_said_and_not_held_against_it() -> None:
    found = verdict_of(
        in_rows(lambda mu, t: mu**2 + Once.apply(t) - 1 - t), KL, LOG_VARIANCE
    )
    assert found.verdict is Verdict.AGREES, found.figure
    assert "no forward mode" in found.figure
    assert "no double backward" in found.figure


def test_a_gradient_that_forgets_where_it_came_from_is_refuted() -> None:
    """torch differentiates a sum of such a slope and another, and says nothing."""
    found = verdict_of(
        in_rows(lambda mu, t: mu**2 + Forgets.apply(t) - 1 - t), KL, LOG_VARIANCE
    )
    assert found.verdict is Verdict.REFUTED
    assert found.figure.startswith("second derivative: 0 for")


def test_what_torch_cannot_differentiate_is_undecided() -> None:
    def in_numpy(mu: np.ndarray, t: np.ndarray) -> np.ndarray:
        return (mu**2 + np.exp(t) - 1 - t).sum(-1) / 2

    found = verdict_of(in_numpy, KL, LOG_VARIANCE, framework="numpy")
    assert (found.verdict, found.figure) == (
        Verdict.UNDECIDED,
        "NumPy has no gradients",
    )
    assert (
        verdict_of(kl, KL, LOG_VARIANCE, dtype="float16").verdict is Verdict.UNDECIDED
    )
    assert "jax" in verdict_of(kl, KL, LOG_VARIANCE, framework="jax").figure


def test_every_loss_has_a_definition() -> None:
    assert not any(cannot(convention(name)) for name in LOSSES)
