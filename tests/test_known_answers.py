"""Known answers: what is right arrives, and what is nearly right does not."""

from __future__ import annotations

import json
from math import log
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")

from derivations import (  # noqa: E402
    discriminator_loss,
    gaussian_kl,
    gaussian_nll,
    nonsaturating_generator_loss,
    saturating_generator_loss,
)
from verify.commands import known as command  # noqa: E402
from verify.commands.options import INTERRUPTED  # noqa: E402
from verify.evidence import Evidence, Verdict  # noqa: E402
from verify.known_answers import (  # noqa: E402
    principal_components,
    torch_best_bound,
    torch_checks,
    torch_generator_gradient,
    torch_importance,
)
from verify.known_answers.gaussian_pair import Pair  # noqa: E402
from verify.known_answers.paired_draws import (  # noqa: E402
    EACH,
    STANDARD_ERRORS,
    normal_draws,
    standard_error,
)
from verify.known_answers.principal_components import (  # noqa: E402
    Optimum,
    log_likelihood,
    optimum,
    same_moments,
)
from verify.known_answers.torch_best_bound import best_bound  # noqa: E402
from verify.known_answers.torch_generator_gradient import (  # noqa: E402
    generator_gradient,
)
from verify.known_answers.torch_importance import (  # noqa: E402
    importance_bounds,
    log_weights,
)
from verify.known_answers.torch_linear_vae import LinearVAE, elbo  # noqa: E402
from verify.known_answers.torch_newton import curvature, finish  # noqa: E402
from verify.known_answers.torch_optimal_discriminator import (  # noqa: E402
    optimal_discriminator,
)

STEPS, LATENT, DRAWS = 120, 2, 2**12


@pytest.fixture
def fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quarter of the draws, which see these errors too."""
    monkeypatch.setattr(torch_generator_gradient, "STRATA", 2**12)


def toy(seed: int = 0) -> np.ndarray:
    """200 points of six numbers, of which three vary more than the others."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((200, 6)) * [3, 2, 1, 0.5, 0.5, 0.5] + 1


def grown(size: int) -> LinearVAE:
    return LinearVAE(size, LATENT, torch.Generator().manual_seed(0))


def twice_the_kl(model: LinearVAE, x: Any) -> Any:
    """The KL without its 1/2."""
    kl = gaussian_kl(model.encoded(x), log_variance=model.log_variance)
    return elbo(model, x) - kl


def no_kl(model: LinearVAE, x: Any) -> Any:
    return elbo(model, x) + gaussian_kl(
        model.encoded(x), log_variance=model.log_variance
    )


def at_the_mean(model: LinearVAE, x: Any) -> Any:
    """The decoder sees mu, and no noise."""
    mu = model.encoded(x)
    nll = gaussian_nll(model.decoded(mu), x, log_variance=model.decoder_log_variance)
    return -nll - gaussian_kl(mu, log_variance=model.log_variance)


def without_the_constant(model: LinearVAE, x: Any) -> Any:
    """log(2 pi)/2 of each output left out."""
    return elbo(model, x) + x.shape[1] * log(2 * np.pi) / 2


def variance_for_sigma(model: LinearVAE, x: Any) -> Any:
    """The KL of an encoder whose log-variance is taken for log sigma."""
    mu, logs = model.encoded(x), model.log_variance
    right, wrong = gaussian_kl(mu, log_variance=logs), gaussian_kl(mu, log_sigma=logs)
    return elbo(model, x) + right - wrong


def test_the_derived_bound_arrives() -> None:
    found = best_bound(toy(), latent=LATENT, steps=STEPS, seed=0)
    assert found.verdict is Verdict.AGREES, found.figure


def test_the_bound_arrives_on_the_digits() -> None:
    data = torch_checks.all_digits()
    assert data.shape == (1797, 64)
    found = best_bound(data, latent=1, steps=130, seed=0)
    assert found.verdict is Verdict.AGREES, found.figure


def half_the_spread(model: LinearVAE, x: Any) -> Any:
    """What z adds by its variance, with 1/2 once more: sigma^2/4."""
    variance = {"log_variance": model.decoder_log_variance}
    steps = (model.log_variance / 2).exp()[:, None] * model.decoder
    origin = torch.zeros_like(steps)
    far, near = (gaussian_nll(at, origin, **variance) for at in (steps, origin))
    return elbo(model, x) + (far - near).sum() / 2


@pytest.mark.parametrize(
    "bound",
    [
        twice_the_kl,
        no_kl,
        at_the_mean,
        without_the_constant,
        variance_for_sigma,
        half_the_spread,
    ],
    ids=lambda bound: bound.__name__,
)
def test_a_wrong_bound_is_refuted(bound: Any) -> None:
    found = best_bound(toy(), latent=LATENT, steps=STEPS, seed=0, bound=bound)
    assert found.verdict is Verdict.REFUTED, found.figure


@pytest.mark.parametrize("steps", [1, 3, 20])
def test_training_that_is_cut_short_is_undecided(steps: int) -> None:
    """Whatever the wrong bound: where training has not ended, nothing is agreed to."""
    found = best_bound(toy(), latent=LATENT, steps=steps, seed=0)
    assert found.verdict is Verdict.UNDECIDED, found.figure


def test_an_error_of_a_millionth_in_the_bound_is_refuted() -> None:
    found = best_bound(
        toy(),
        latent=LATENT,
        steps=STEPS,
        seed=0,
        bound=lambda model, x: elbo(model, x) - 1e-6,
    )
    assert found.verdict is Verdict.REFUTED, found.figure


def one_direction_too_many(values: np.ndarray, latent: int) -> float:
    """The noise's variance as the mean of d - k + 1 eigenvalues."""
    size, noise = len(values), float(values[latent - 1 :].mean())
    kept = float(np.log(values[:latent]).sum())
    return -(size * log(2 * np.pi) + kept + (size - latent) * log(noise) + size) / 2


def noise_for_two(values: np.ndarray, latent: int) -> float:
    """The constant of one coordinate too few."""
    return principal_components._log_likelihood(values, latent) + log(2 * np.pi) / 2


@pytest.mark.parametrize("wrong", [one_direction_too_many, noise_for_two])
def test_a_wrong_answer_is_not_arrived_at(
    wrong: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The training is right, and what it is held against is not."""
    right = optimum(toy(), LATENT)
    values = np.linalg.eigvalsh(np.cov(toy().T, bias=True))[::-1]
    answer = Optimum(wrong(values, LATENT), right.worth, right.rounding)
    monkeypatch.setattr(torch_best_bound, "optimum", lambda data, latent: answer)
    found = best_bound(toy(), latent=LATENT, steps=STEPS, seed=0)
    assert found.verdict is Verdict.REFUTED, found.figure


def test_the_best_likelihood_is_that_of_the_principal_components() -> None:
    data = toy()
    known = optimum(data, LATENT)
    shift = data.mean(0)
    values, vectors = np.linalg.eigh(np.cov(data.T, bias=True))
    noise = values[:-LATENT].mean()
    weights = (vectors[:, -LATENT:] * np.sqrt(values[-LATENT:] - noise)).T
    best = log_likelihood(data, weights, shift, noise).mean()
    assert abs(best - known.log_likelihood) <= known.rounding
    for changed in (weights * 1.05, weights[::-1] + 0.05):
        assert log_likelihood(data, changed, shift, noise).mean() < best
    assert log_likelihood(data, weights, shift, 1.1 * noise).mean() < best
    fewer = optimum(data, LATENT - 1).log_likelihood
    assert known.worth == pytest.approx(known.log_likelihood - fewer, abs=1e-12)


@pytest.mark.parametrize("latent", [0, 6])
def test_as_many_latent_numbers_as_pixels_are_refused(latent: int) -> None:
    with pytest.raises(ValueError, match=f"latent is {latent}, need 1 <= latent < 6"):
        optimum(toy(), latent)


def test_data_without_noise_are_refused() -> None:
    flat = toy()[:, :2] @ np.ones((2, 6))
    with pytest.raises(ValueError, match="nothing is left beside 1 latent"):
        optimum(flat, 1)


def test_few_points_stand_for_the_data_in_every_quadratic_bound() -> None:
    data, model = toy(), grown(6)
    means = [
        float(elbo(model, torch.tensor(rows)).mean().detach())
        for rows in (data, same_moments(data))
    ]
    count = len(data) + 64  # numbers added up, each of the size of the bound
    assert abs(means[0] - means[1]) <= count * 2**-53 * abs(means[0])


def test_the_bound_is_the_mean_over_draws_of_z() -> None:
    x, model = torch.tensor(toy()[:5]), grown(6)
    noise = torch.tensor(normal_draws(DRAWS, np.random.default_rng(0)))[..., None, None]
    other = noise[torch.randperm(DRAWS, generator=torch.Generator().manual_seed(0))]
    both = torch.cat([noise, other.flip(1)], -1)
    mu, logs = model.encoded(x), model.log_variance
    z = mu + (logs / 2).exp() * both
    nll = gaussian_nll(model.decoded(z), x, log_variance=model.decoder_log_variance)
    each = (-nll - gaussian_kl(mu, log_variance=logs)).detach().reshape(-1, 5)
    error = STANDARD_ERRORS * each.std(0) / len(each) ** 0.5
    assert bool(((each.mean(0) - elbo(model, x).detach()).abs() <= error).all())


def test_what_is_left_of_a_quadratic_is_exact_and_one_step_gains_it() -> None:
    place = torch.tensor([3.0, -1.0], dtype=torch.float64, requires_grad=True)
    scales = torch.tensor([2.0, 5.0], dtype=torch.float64)

    def up() -> Any:
        return (scales * place**2).sum()

    assert curvature(lambda: -up(), [place]).left == float("inf")
    assert curvature(lambda: up() * float("nan"), [place]).left == float("inf")
    assert curvature(up, [place]).left == pytest.approx(23.0)
    assert finish(up, [place], 0, 0.0) == pytest.approx(23.0)
    assert finish(up, [place], 1, 0.0) <= 2**-104 * 23


def test_a_slope_along_what_is_flat_is_much_to_gain() -> None:
    place = torch.tensor([1.0, 1.0], dtype=torch.float64, requires_grad=True)
    assert curvature(lambda: place[0] ** 2 + 1e-3 * place[1], [place]).left > 1e6


def test_training_leaves_a_saddle() -> None:
    """At the start it bends down along y, up along x; the minima are at y = +-1."""
    x, y = (
        torch.tensor(start, dtype=torch.float64, requires_grad=True)
        for start in (0.5, 0.1)
    )
    assert finish(lambda: x**2 + (y**2 - 1) ** 2, [x, y], 30, 1e-20) <= 1e-20
    assert abs(abs(float(y.detach())) - 1) <= 1e-9


def test_a_trained_discriminator_arrives_at_the_log_ratio() -> None:
    for found in optimal_discriminator(steps=STEPS, seed=1):
        assert found.verdict is Verdict.AGREES, found.figure


def forgetful(real: Any, fake: Any) -> Any:
    """The two terms, one of them by half."""
    on_real, on_fake = discriminator_loss.terms(real, fake)
    return on_real.mean() + on_fake.mean() / 2


def swapped(real: Any, fake: Any) -> Any:
    return discriminator_loss(fake, real)


def smoothed(real: Any, fake: Any) -> Any:
    """One-sided label smoothing, which is another loss."""
    on_real, against = discriminator_loss.terms(real, real)
    _, on_fake = discriminator_loss.terms(real, fake)
    return (0.99 * on_real + 0.01 * against).mean() + on_fake.mean()


@pytest.mark.parametrize("loss", [forgetful, swapped, smoothed])
def test_a_discriminator_with_a_wrong_loss_does_not_arrive(loss: Any) -> None:
    logit, _ = optimal_discriminator(steps=STEPS, seed=1, loss=loss)
    assert logit.verdict is Verdict.REFUTED, logit.figure


class Shifted(Pair):
    """Laws whose log ratio is off by a hundredth in its constant."""

    @property
    def log_ratio(self) -> np.ndarray:
        return super().log_ratio + np.array([0.01, 0.0, 0.0])


def test_a_wrong_log_ratio_is_not_arrived_at() -> None:
    """The draws say so: that they would have moved the optimum is no way out."""
    logit, _ = optimal_discriminator(steps=STEPS, seed=1, pair=Shifted())
    assert logit.verdict is Verdict.REFUTED, logit.figure


def twice_the_divergence(pair: Pair) -> tuple[float, float]:
    best, error = Pair().best_loss()
    return 2 * best - 2 * log(2), error


def without_the_logarithms(pair: Pair) -> tuple[float, float]:
    best, error = Pair().best_loss()
    return 2 * log(2) - best, error


def nearly(pair: Pair) -> tuple[float, float]:
    best, error = Pair().best_loss()
    return best + 5e-4, error


@pytest.mark.parametrize(
    "answer", [twice_the_divergence, without_the_logarithms, nearly]
)
def test_another_least_loss_is_not_arrived_at(answer: Any) -> None:
    pair = type("Wrong", (Pair,), {"best_loss": answer})()
    _, value = optimal_discriminator(steps=STEPS, seed=1, pair=pair)
    assert value.verdict is Verdict.REFUTED, value.figure


def test_half_the_loss_finds_the_same_logit_and_not_the_loss() -> None:
    logit, value = optimal_discriminator(
        steps=STEPS, seed=1, loss=lambda *both: discriminator_loss(*both) / 2
    )
    assert logit.verdict is Verdict.AGREES, logit.figure
    assert value.verdict is Verdict.REFUTED, value.figure


def test_a_discriminator_that_has_hardly_been_trained_is_undecided() -> None:
    logit, _ = optimal_discriminator(steps=1, seed=1)
    assert logit.verdict is Verdict.UNDECIDED, logit.figure


def test_the_generators_gradient_is_the_derived_one() -> None:
    found = generator_gradient(steps=STEPS, seed=1)
    assert found.verdict is Verdict.AGREES, found.figure


@pytest.mark.usefixtures("fewer")
@pytest.mark.parametrize(
    "loss",
    [
        nonsaturating_generator_loss,
        lambda h: -saturating_generator_loss(h),
        lambda h: 1.01 * saturating_generator_loss(h),
        lambda h: saturating_generator_loss(h.clamp(-1, 1)),
    ],
    ids=["non-saturating", "sign", "scale", "clamp"],
)
def test_another_gradient_is_refuted(loss: Any) -> None:
    found = generator_gradient(steps=STEPS, seed=1, loss=loss)
    assert found.verdict is Verdict.REFUTED, found.figure


def test_the_log_ratio_is_that_of_the_densities() -> None:
    pair, x = Pair(0.5, 2.0, -1.0, 0.7), np.linspace(-3, 3, 7)
    logs = [
        -(((x - mean) / sigma) ** 2) / 2 - log(sigma)
        for mean, sigma in ((0.5, 2.0), (-1.0, 0.7))
    ]
    quadratic = pair.log_ratio @ np.stack([np.ones_like(x), x, x**2])
    assert np.abs(quadratic - (logs[0] - logs[1])).max() <= 64 * 2**-53 * 20


def test_one_law_twice_cannot_be_told_apart() -> None:
    """D = 1/2 everywhere, so that the loss is 2 log 2 and its gradient 0."""
    pair = Pair(0.3, 0.8, 0.3, 0.8)
    best, error = pair.best_loss()
    gradient, slack = pair.best_gradient()
    assert abs(best - 2 * log(2)) <= error
    assert np.abs(gradient).max() <= slack


def test_the_gradient_is_the_slope_of_the_best_loss() -> None:
    """By differences of the loss: their error is the square of the step."""
    step, pair = 1e-3, Pair()
    gradient, _ = pair.best_gradient()
    for place, name in enumerate(("fake_mean", "fake_sigma")):
        ends = [
            Pair(**{**vars(pair), name: getattr(pair, name) + sign * step}).best_loss()
            for sign in (1, -1)
        ]
        slope = -(ends[0][0] - ends[1][0]) / (2 * step)
        assert abs(slope - gradient[place]) <= step**2


def test_other_draws_tell_the_error_of_pairs_in_strata() -> None:
    """Of the mean square over many seeds; no seed is far beyond its own error."""
    seeds, strata = 400, 256
    sources = [np.random.default_rng(seed) for seed in range(seeds)]
    means = [(normal_draws(strata, rng) ** 2).mean() for rng in sources]
    told = [standard_error(normal_draws(strata, rng, EACH) ** 2) for rng in sources]
    off = np.abs(np.array(means) - 1)
    assert 1 / 2 < (off**2).mean() / np.square(told).mean() < 2  # heavy tails
    assert (off / told).max() <= STANDARD_ERRORS
    assert np.square(told).mean() < 2 / (2 * strata)  # that of independent draws


def test_the_bounds_are_in_order() -> None:
    found = importance_bounds(toy() / 4, seed=0, draws=DRAWS)
    assert found.verdict is Verdict.AGREES, found.figure


def without_the_encoders_density(model: LinearVAE, x: Any, noise: Any) -> Any:
    logs = model.log_variance
    z = model.encoded(x) + (logs / 2).exp() * noise
    return log_weights(model, x, noise) - gaussian_nll(
        model.encoded(x), z, log_variance=logs
    )


def sigma_for_variance(model: LinearVAE, x: Any, noise: Any) -> Any:
    """The encoder's density at twice its logarithm of the variance."""
    logs = model.log_variance
    mu = model.encoded(x)
    z = mu + (logs / 2).exp() * noise
    return (
        log_weights(model, x, noise)
        - gaussian_nll(mu, z, log_variance=logs)
        + gaussian_nll(mu, z, log_sigma=logs)
    )


def times_a_number(model: LinearVAE, x: Any, noise: Any) -> Any:
    """Weights that are too small by a constant factor."""
    return log_weights(model, x, noise) - 0.3


@pytest.mark.parametrize(
    "weigh", [without_the_encoders_density, sigma_for_variance, times_a_number]
)
def test_wrong_weights_are_refuted(weigh: Any) -> None:
    found = importance_bounds(toy() / 4, seed=0, draws=DRAWS, weigh=weigh)
    assert found.verdict is Verdict.REFUTED, found.figure


def test_few_draws_say_nothing() -> None:
    found = importance_bounds(toy() / 4, seed=0, draws=128)
    assert found.verdict is Verdict.UNDECIDED, found.figure


def test_bounds_that_are_all_the_elbo_are_not_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The mean of logs instead of the log of a mean: none of them falls."""
    right = torch_importance._bound
    monkeypatch.setattr(
        torch_importance,
        "_bound",
        lambda model, x, count, *rest: right(model, x, 1, *rest),
    )
    found = importance_bounds(toy() / 4, seed=0, draws=DRAWS)
    assert found.verdict is Verdict.UNDECIDED, found.figure


def test_bounds_beyond_the_likelihood_are_refuted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """log K is not taken off: the sum of K weights, not their mean."""
    monkeypatch.setattr(torch_importance, "log", lambda number: 0.0)
    found = importance_bounds(toy() / 4, seed=0, draws=DRAWS)
    assert found.verdict is Verdict.REFUTED, found.figure


@pytest.mark.parametrize("draws", [0, 64, 130])
def test_draws_that_are_no_multiple_are_refused(draws: int) -> None:
    with pytest.raises(ValueError, match=f"draws is {draws}, need a multiple of 64"):
        importance_bounds(toy(), seed=0, draws=draws)


def agreeing(steps: int, seed: int) -> Any:
    yield Evidence("one", "models", Verdict.AGREES, f"{steps}", "2", seed, 0.0)


def refuting(steps: int, seed: int) -> Any:
    yield Evidence("one", "models", Verdict.REFUTED, "1", "2", seed, 0.0)


def interrupting(steps: int, seed: int) -> Any:
    yield from agreeing(steps, seed)
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("checks", "status", "words"),
    [
        (agreeing, 0, "1 of 1 agree"),
        (refuting, 1, "0 of 1 agree"),
        (interrupting, INTERRUPTED, "interrupted, so this is partial: 1 of 1 agree"),
    ],
    ids=["agrees", "refuted", "interrupted"],
)
def test_the_command_prints_what_was_found(
    checks: Any,
    status: int,
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch_checks, "checks", checks)
    assert command.known(steps=7) == status
    assert words in capsys.readouterr().out
    assert command.known(steps=7, json=True, seed=3) == status
    said = json.loads(capsys.readouterr().out)
    assert (said["command"], said["ok"]) == ("known", status == 0)
    assert said["partial"] is (status == INTERRUPTED)
    assert said["evidence"][0]["seed"] == 3


def test_the_command_says_what_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    assert command.known() == 2
    assert "torch is not installed" in capsys.readouterr().err
