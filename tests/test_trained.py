"""The evidence on trained networks: what it says of ours, and that it could say no."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training_runs import SHORT, trained

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")
pytest.importorskip("safetensors")
pytest.importorskip("matplotlib")
from torch import nn  # noqa: E402

from derivations import (  # noqa: E402
    bernoulli_nll,
    discriminator_loss,
    gaussian_kl,
    nonsaturating_generator_loss,
    saturating_generator_loss,
)
from verify.application import app  # noqa: E402
from verify.commands.options import INTERRUPTED, MISUSE  # noqa: E402
from verify.data.dataset import Dataset  # noqa: E402
from verify.data.named import dataset  # noqa: E402
from verify.evidence import Verdict  # noqa: E402
from verify.models.torch_doubled import Doubled  # noqa: E402
from verify.models.torch_gan import GAN, Grey  # noqa: E402
from verify.models.torch_leaky import Leaky  # noqa: E402
from verify.trained import kl_sampled, torch_amp, torch_checks  # noqa: E402
from verify.trained.chances import chance, missed  # noqa: E402
from verify.trained.torch_amp import bfloat16  # noqa: E402
from verify.trained.torch_elbo_gradient import elbo_gradient  # noqa: E402
from verify.trained.torch_encoder_kl import sampled_kl, true_kl  # noqa: E402
from verify.trained.torch_gan_gradients import (  # noqa: E402
    discriminator_gradient,
    generator_gradient,
)
from verify.trained.torch_gradient_norm import gradient_norm  # noqa: E402
from verify.trained.torch_inspected import Inspected, inspected  # noqa: E402
from verify.trained.torch_layers import Bounded, Call, rounding  # noqa: E402
from verify.trained.torch_pullback import pulled_back  # noqa: E402
from verify.trained.torch_sample_ratio import sample_ratio  # noqa: E402
from verify.trained.torch_shares import Shares  # noqa: E402
from verify.training.options import completed  # noqa: E402
from verify.training.torch_session import Session  # noqa: E402

AGREES, REFUTED = Verdict.AGREES, Verdict.REFUTED
BERNOULLI = ("vae", "digits", "mlp", None)
GAUSSIAN = ("vae", "ring", "mlp", None)
PLAIN, OTHER = (
    ("gan", "ring", "mlp", "nonsaturating"),
    ("gan", "ring", "mlp", "saturating"),
)
CONV = ("vae", "digits", "conv", None)
DTYPES = ("float32", "float64")
STEPS = {"mlp": 30, "conv": 8}


def named(which: Any) -> str:
    return "-".join(which[:3])


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@cache
def session_of(model: str, data: str, network: str, loss: str | None) -> Any:
    """A session after a few steps, with its data: they are never changed."""
    found = dataset(data)
    given = {"model": model, "data": data, "device": "cpu", "network": network}
    given |= {"batch": 24} | ({"loss": loss} if loss else {})
    session = Session(completed(given, found), found)
    for _ in range(STEPS[network]):
        session.advance()
    few = Dataset(data, found.train[:90], found.test[:10], found.shape, found.toy)
    return session, few


def of(
    which: Any, dtype: str = "float64", batches: int = 1, **losses: Any
) -> Inspected:
    """What is inspected, its losses replaced by what should be refuted."""
    session, data = session_of(*which)
    found = inspected(
        *(session, data),
        batches=batches,
        seed=1,
        dtype=getattr(torch, dtype),
        device="cpu",
    )
    kind = type(found.model)
    found.model.__class__ = type("Near miss", (kind,), losses)
    return found


def surer(found: Inspected, times: float) -> Inspected:
    """The same with logits so many times as large."""
    last = found.model.discriminator[-1]
    with torch.no_grad():
        last.weight *= times
        last.bias *= times
    return found


def with_nan(found: Inspected, network: str) -> Inspected:
    """The same with one weight of one layer not a number."""
    layer = found.model.get_submodule(network)[2]
    with torch.no_grad():
        layer.weight.view(-1)[3] = torch.nan
    return found


class Loss:
    """A loss of logits with the terms of somebody's function."""

    def __init__(self, terms: Callable[[Any], Any]) -> None:
        self.terms = terms

    def __call__(self, logits: Any) -> Any:
        return self.terms(logits).mean()


NS, SAT = nonsaturating_generator_loss, saturating_generator_loss

# what each layer does on the way back


LAYERS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "linear": (lambda: nn.Linear(7, 5), (3, 7)),
    "conv": (lambda: nn.Conv2d(2, 3, 4, stride=2, padding=1), (3, 2, 8, 8)),
    "transposed": (lambda: nn.ConvTranspose2d(3, 2, 4, 2, 1), (3, 3, 4, 4)),
    "doubled": (lambda: Doubled(3, 2), (3, 3, 4, 4)),
    "silu": (nn.SiLU, (3, 50)),
    "leaky": (lambda: nn.LeakyReLU(0.2), (3, 50)),
    "our leaky": (lambda: Leaky(0.2), (3, 50)),
    "grey": (Grey, (3, 50)),
    "flatten": (nn.Flatten, (3, 2, 4, 4)),
    "unflatten": (lambda: nn.Unflatten(1, (2, 3, 4)), (3, 24)),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_goes_back_as_autograd_has_it(name: str, dtype: str) -> None:
    make, shape = LAYERS[name]
    source = torch.Generator().manual_seed(2)
    of_type = getattr(torch, dtype)
    with torch.random.fork_rng(devices=[]):
        torch.random.default_generator.manual_seed(3)
        layer = make().to(of_type)
    given = (3 * torch.randn(shape, generator=source)).to(of_type).requires_grad_()
    gave = layer(given)
    back = torch.randn(gave.shape, generator=source, dtype=torch.float64).to(of_type)
    exact = back.double()
    call = Call(layer, given.detach().double(), gave)
    pulled = pulled_back([call], Bounded(exact, 0 * exact), of_type)
    arrays = {**pulled.gradients(), given: pulled.front}
    found = torch.autograd.grad(gave, list(arrays), back)
    unit = torch.finfo(of_type).eps
    for one, bounded in zip(found, arrays.values(), strict=True):
        off = (one.double() - bounded.number).abs()
        assert (off <= bounded.error).all()
        assert bounded.error.max() <= 2**12 * unit * bounded.number.abs().max()
    norms = pulled.sample_norms(set(layer.parameters()))
    for sample, norm in enumerate(norms.tolist()):
        alone = torch.zeros_like(back)
        alone[sample] = back[sample]
        parts = torch.autograd.grad(layer(given), list(arrays), alone)[:-1]
        squares = sum(float(part.double().square().sum()) for part in parts)
        assert norm == pytest.approx(squares**0.5, rel=2**12 * unit)


def test_a_layer_that_nobody_knows_is_an_error() -> None:
    given = torch.zeros(2, 3, dtype=torch.float64, requires_grad=True)
    call = Call(nn.Tanh(), given.detach(), given.tanh())
    ones = torch.ones(2, 3, dtype=torch.float64)
    with pytest.raises(TypeError, match="Tanh"):
        pulled_back([call], Bounded(ones, 0 * ones), torch.float64)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_no_number_of_roundings_allows_less_than_one_less(dtype: Any) -> None:
    unit = torch.finfo(dtype).eps / 2
    found = [rounding(2**n, dtype) for n in range(0, 28, 3)]
    assert found == sorted(found)
    for n, one in zip(range(0, 28, 3), found, strict=True):
        assert one >= 2**n * unit


def test_far_out_chances_are_0_and_1() -> None:
    assert chance(np.array([1e11, -1e11])).tolist() == [1.0, 0.0]
    assert missed(np.array([1e11, -1e11])).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("h", [-700.0, -30.0, -1.0, 0.0, 1e-9, 17.0, 40.0])
def test_chances_are_those_of_the_logistic_function(h: float) -> None:
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(40):
        for found, sign in ((chance, -1), (missed, 1)):
            exact = 1 / (1 + mpmath.exp(sign * mpmath.mpf(h)))
            seen = float(found(np.array([h]))[0])
            assert abs(seen - exact) <= abs(exact) * 2**-53


# the GAN


CHECKS = {
    "generator": generator_gradient,
    "discriminator": discriminator_gradient,
    "norm": gradient_norm,
    "ratio": sample_ratio,
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", ["nonsaturating", "saturating"])
@pytest.mark.parametrize("check", CHECKS)
def test_a_trained_gan_is_as_derived(check: str, loss: str, dtype: str) -> None:
    found = CHECKS[check](of(("gan", "ring", "mlp", loss), dtype, 2))
    assert found.verdict is AGREES, found.figure
    assert found.method == "models"
    assert dtype in found.claim
    assert found.figure
    assert found.resolution


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("check", CHECKS)
def test_a_trained_convolutional_gan_is_as_derived(check: str, dtype: str) -> None:
    found = CHECKS[check](of(("gan", "digits", "conv", "saturating"), dtype))
    assert found.verdict is AGREES, (found.figure, found.resolution)


GENERATOR: dict[str, Any] = {
    "a slope 1 % off": Loss(lambda h: 1.01 * NS.terms(h)),
    "a slope a thousandth off": Loss(lambda h: 1.001 * NS.terms(h)),
    "a sum for a mean": lambda h: NS.terms(h).sum(),
    "one sample too many": lambda h: NS.terms(h).sum() / (h.numel() + 1),
    "s(h) for s(-h)": SAT,
    "the other sign": Loss(lambda h: -NS.terms(h)),
    "of a probability plus epsilon": Loss(lambda h: -(h.sigmoid() + 1e-3).log()),
    "no gradient": lambda h: NS(h.detach()) + 0 * h.sum(),
    "a slope a millionth off": Loss(lambda h: 1.000001 * NS.terms(h)),
    "of a probability plus 1e-6": Loss(lambda h: -(h.sigmoid() + 1e-6).log()),
    "computed in bfloat16": Loss(lambda h: NS.terms(h.bfloat16()).to(h.dtype)),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", GENERATOR)
def test_a_wrong_loss_of_the_generator_is_refuted(name: str, dtype: str) -> None:
    wrong = staticmethod(GENERATOR[name])
    assert generator_gradient(of(PLAIN, dtype, generator_loss=wrong)).verdict is REFUTED


def test_a_wrong_slope_is_seen_before_a_deep_network_has_rounded_it() -> None:
    wrong = staticmethod(GENERATOR["computed in bfloat16"])
    deep = of(
        ("gan", "digits", "conv", "nonsaturating"), "float32", generator_loss=wrong
    )
    assert generator_gradient(deep).verdict is REFUTED


def test_a_generator_that_no_gradient_reaches_is_refuted() -> None:
    def picture(self: Any, z: Any) -> Any:
        return self.generator(z).detach()

    assert generator_gradient(of(PLAIN, "float32", picture=picture)).verdict is REFUTED


def shifted(found: Inspected, by: float) -> Inspected:
    """The same with logits so much larger."""
    with torch.no_grad():
        found.model.discriminator[-1].bias += by
    return found


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("by", [-900.0, -88.0, 20.0, 86.0, 100.0, 900.0])
def test_logits_far_out_refute_nothing(by: float, dtype: str) -> None:
    for name, check in CHECKS.items():
        found = check(shifted(of(PLAIN, dtype), by))
        assert found.verdict is not REFUTED, (name, found.figure)
        assert found.verdict is AGREES or abs(by) > 80, (name, found.resolution)


@pytest.mark.parametrize("dtype", DTYPES)
def test_where_a_gradient_underflows_its_norm_says_nothing(dtype: str) -> None:
    found = gradient_norm(shifted(of(PLAIN, dtype), -900))
    assert found.verdict is Verdict.UNDECIDED
    assert found.resolution == "nothing"


FAR: dict[str, Any] = {
    "clamped at 20": Loss(lambda h: NS.terms(h.clamp(-20, 20))),
    "with epsilon 1e-8": Loss(lambda h: -(h.sigmoid() + 1e-8).log()),
}


@pytest.mark.parametrize("name", FAR)
def test_a_loss_that_gives_up_far_out_is_refuted_there(name: str) -> None:
    right = surer(of(PLAIN, "float32"), 80)
    assert generator_gradient(right).verdict is not REFUTED
    wrong = surer(of(PLAIN, "float32", generator_loss=staticmethod(FAR[name])), 80)
    assert generator_gradient(wrong).verdict is REFUTED


DISCRIMINATOR: dict[str, Any] = {
    "real for fake": lambda real, fake: discriminator_loss(fake, real),
    "the real half alone": lambda real, fake: NS(real),
    "the fake half twice": lambda real, fake: (
        discriminator_loss(real, fake) - SAT(fake)
    ),
    "labels of 0.9": lambda real, fake: 0.9 * NS(real) - 0.1 * SAT(real) - SAT(fake),
    "half of both": lambda real, fake: discriminator_loss(real, fake) / 2,
}


@pytest.mark.parametrize("name", DISCRIMINATOR)
def test_a_wrong_loss_of_the_discriminator_is_refuted(name: str) -> None:
    wrong = staticmethod(DISCRIMINATOR[name])
    found = discriminator_gradient(of(PLAIN, "float32", discriminator_loss=wrong))
    assert found.verdict is REFUTED


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_gradient_beyond_its_bound_is_refuted(dtype: str) -> None:
    assert gradient_norm(of(PLAIN, dtype), lambda h: SAT.terms(h).sum()).verdict is (
        REFUTED
    )
    sure = surer(of(PLAIN, dtype), 1.0)
    with torch.no_grad():
        sure.model.discriminator[-1].bias -= 6
    assert gradient_norm(sure).verdict is AGREES
    assert gradient_norm(sure, NS).verdict is REFUTED  # it does not vanish with D


RATIO: dict[str, dict[str, Any]] = {
    "the other way": {"saturating": NS, "nonsaturating": SAT},
    "1 % off": {"saturating": Loss(lambda h: 1.01 * SAT.terms(h)), "nonsaturating": NS},
    "the same": {"saturating": NS, "nonsaturating": NS},
}


@pytest.mark.parametrize("name", RATIO)
def test_another_ratio_of_the_losses_is_refuted(name: str) -> None:
    assert sample_ratio(of(PLAIN, "float32"), RATIO[name]).verdict is REFUTED


@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_a_gan_with_a_number_that_is_none_is_refuted(network: str) -> None:
    for check in (*CHECKS.values(), bfloat16):
        found = check(with_nan(of(PLAIN, "float32"), network))
        assert found.verdict is REFUTED
        assert "finite" in found.figure


def test_rounding_that_allows_a_half_is_undecided() -> None:
    ones = torch.ones(3, dtype=torch.float64)
    shares = Shares()
    assert shares.verdict is Verdict.UNDECIDED  # nothing was compared
    shares.take("near", ones, Bounded(ones, ones / 1000))
    assert shares.verdict is AGREES
    shares.take("far", ones, Bounded(ones, ones / 2))
    assert shares.verdict is Verdict.UNDECIDED
    shares.take("near", ones * 1.002, Bounded(ones, ones / 1000))
    assert shares.verdict is REFUTED


def test_an_array_of_zeros_decides_nothing_and_an_infinite_bound_does() -> None:
    ones = torch.ones(3, dtype=torch.float64)
    shares = Shares()
    shares.take("near", ones, Bounded(ones, ones / 1000))
    for name in ("dead", "dead too"):
        shares.take(name, 0 * ones, Bounded(0 * ones, ones / 1000))
    assert shares.verdict is AGREES
    for name in ("any", "thing"):
        shares.take(name, 7 * ones, Bounded(ones, ones * torch.inf))
    assert shares.verdict is Verdict.UNDECIDED


# the VAE


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("which", [BERNOULLI, GAUSSIAN, CONV], ids=named)
def test_a_trained_vae_is_as_derived(which: Any, dtype: str) -> None:
    one, data = of(which, dtype), session_of(*which)[1]
    for found in (elbo_gradient(one), sampled_kl(one, data), true_kl(one, data)):
        assert found.verdict is AGREES, (found.claim, found.figure, found.resolution)


def elbo(kl: Callable[[Any, Any], Any], nll: Any = bernoulli_nll) -> Any:
    """A Bernoulli ELBO with another divergence, or another likelihood."""
    return staticmethod(
        lambda logits, data, mu, log_variance: -nll(logits, data) - kl(mu, log_variance)
    )


def derived(mu: Any, t: Any) -> Any:
    return gaussian_kl(mu, log_variance=t)


KL: dict[str, Callable[[Any, Any], Any]] = {
    "without the half": lambda mu, t: 2 * derived(mu, t),
    "1 % more": lambda mu, t: 1.01 * derived(mu, t),
    "sigma for the variance": lambda mu, t: gaussian_kl(mu, log_sigma=t),
    "log sigma for log sigma^2": lambda mu, t: derived(mu, t) + t.sum(-1) / 4,
    "a mean over coordinates": lambda mu, t: derived(mu, t) / mu.shape[-1],
    "the other direction": lambda mu, t: derived(mu * (-t / 2).exp(), -t),
    "clamped": lambda mu, t: derived(mu, t.clamp(-0.05, 0.05)),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", KL)
def test_a_wrong_divergence_is_refuted(name: str, dtype: str) -> None:
    one, data = of(BERNOULLI, dtype), session_of(*BERNOULLI)[1]
    wrong = lambda mu, log_variance: KL[name](mu, log_variance)  # noqa: E731
    if name != "a mean over coordinates":  # which a coordinate by itself does not show
        assert true_kl(one, data, wrong).verdict is REFUTED
    if name != "1 % more":  # so few draws do not show it
        assert sampled_kl(one, data, wrong).verdict is REFUTED
    trained_on = of(BERNOULLI, dtype, loss=elbo(KL[name]))
    assert elbo_gradient(trained_on).verdict is REFUTED


def test_digits_that_cancel_are_seen_beside_the_truth_alone() -> None:
    one, data = of(BERNOULLI, "float32"), session_of(*BERNOULLI)[1]

    def textbook(mu: Any, log_variance: Any) -> Any:
        return (mu**2 + log_variance.exp() - log_variance - 1).sum(-1) / 2

    assert true_kl(one, data, textbook).verdict is REFUTED
    assert sampled_kl(one, data, textbook).verdict is AGREES


LIKELIHOOD: dict[str, Any] = {
    "a mean over pixels": lambda l, x: bernoulli_nll(l, x) / x.shape[-1],
    "of rounded pixels": lambda l, x: bernoulli_nll(l, x.round()),
    "a square": lambda l, x: (l.sigmoid() - x).square().sum(-1) / 2,
    "a millionth more": lambda l, x: 1.000001 * bernoulli_nll(l, x),
}


@pytest.mark.parametrize("name", LIKELIHOOD)
def test_a_wrong_likelihood_is_refuted(name: str) -> None:
    wrong = of(BERNOULLI, "float32", loss=elbo(derived, LIKELIHOOD[name]))
    assert elbo_gradient(wrong).verdict is REFUTED


def test_a_draw_with_the_variance_for_its_deviation_is_refuted() -> None:
    def objective(self: Any, turn: str, data: Any, noise: Any) -> Any:
        mu, t = self.encode(data)
        z = mu + t.exp() * noise
        return -self.elbo(self.decode(z), data, mu, t).mean(), {}

    for which in (BERNOULLI, GAUSSIAN):
        assert elbo_gradient(of(which, objective=objective)).verdict is REFUTED


def test_a_vae_with_a_number_that_is_none_is_refuted() -> None:
    data = session_of(*BERNOULLI)[1]
    broken = with_nan(of(BERNOULLI, "float32"), "encoder")
    for found in (
        *(elbo_gradient(broken), bfloat16(broken)),
        *(sampled_kl(broken, data), true_kl(broken, data)),
    ):
        assert found.verdict is REFUTED
        assert "finite" in found.figure


def test_a_divergence_too_small_to_be_seen_is_undecided() -> None:
    mu = np.full((3, 2), 1e-7)
    found = kl_sampled.kl_sampled(
        *(mu, 0 * mu, (mu**2).sum(-1) / 2),
        dtype="float64",
        words="of nothing",
        seed=0,
    )
    assert found.verdict is Verdict.UNDECIDED


@pytest.mark.parametrize("log_variance", [0.0, -60.0, -74.0])
def test_what_float64_has_no_room_for_is_no_error_of_the_divergence(
    log_variance: float,
) -> None:
    mu = np.full((3, 2), 3.0 if log_variance else 0.0)
    t = np.full((3, 2), log_variance)
    values = ((mu**2 + np.exp(t) - t - 1) / 2).sum(-1)
    given: dict[str, Any] = {"dtype": "float64", "words": "of a test", "seed": 0}
    right = kl_sampled.kl_sampled(mu, t, values, **given).verdict
    assert right is (AGREES if log_variance == -60 else Verdict.UNDECIDED)
    if right is AGREES:
        assert kl_sampled.kl_sampled(mu, t, 1.01 * values, **given).verdict is REFUTED


def test_one_image_of_many_is_seen() -> None:
    rng = np.random.default_rng(0)
    mu, t = rng.normal(size=(40, 3)), rng.normal(size=(40, 3))
    values = ((mu**2 + np.exp(t) - t - 1) / 2).sum(-1)
    given: dict[str, Any] = {"dtype": "float64", "words": "of a test", "seed": 5}
    assert kl_sampled.kl_sampled(mu, t, values, **given).verdict is AGREES
    values[17] *= 1.02
    assert kl_sampled.kl_sampled(mu, t, values, **given).verdict is REFUTED


# bfloat16


@pytest.mark.parametrize("which", [PLAIN, BERNOULLI, GAUSSIAN], ids=named)
def test_under_bfloat16_all_is_finite(which: Any) -> None:
    found = bfloat16(of(which, "float32", 2))
    assert found.verdict is AGREES, found.figure


def test_a_loss_that_sees_bfloat16_is_refuted() -> None:
    def logit(self: Any, data: Any) -> Any:
        return self.discriminator(data)[:, 0]

    found = bfloat16(of(PLAIN, "float32", logit=logit))
    assert found.verdict is REFUTED
    assert "bfloat16" in found.figure


def test_a_loss_that_is_not_called_is_refuted() -> None:
    def objective(self: Any, turn: str, data: Any, noise: Any) -> Any:
        if turn == "discriminator":
            return GAN.objective(self, turn, data, noise)
        loss = -torch.nn.functional.logsigmoid(self.logit(self.picture(noise))).mean()
        return loss, {}

    found = bfloat16(of(PLAIN, "float32", objective=objective))
    assert found.verdict is REFUTED
    assert "float32, nothing" in found.figure


def test_an_overflow_is_refuted() -> None:
    large = of(PLAIN, "float32")
    with torch.no_grad():
        for layer in (large.model.discriminator[2], large.model.discriminator[4]):
            layer.weight.fill_(1e30)
    assert bfloat16(large).verdict is REFUTED


def test_a_layer_that_is_not_finite_on_real_data_alone_is_refuted() -> None:
    def logit(self: Any, data: Any) -> Any:
        found = self.discriminator(data).to(data.dtype)[:, 0]
        self.discriminator(torch.zeros_like(data))  # what is called last is finite
        return found.nan_to_num(0.0, 0.0, 0.0)

    large = of(PLAIN, "float32", logit=logit)
    with torch.no_grad():
        large.model.discriminator[0].weight.fill_(3e38)
        large.model.discriminator[0].bias.zero_()
    found = bfloat16(large)
    assert found.verdict is REFUTED
    assert "discriminator.0" in found.figure


def test_where_nothing_is_in_bfloat16_nothing_was_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = torch_amp.precision
    monkeypatch.setattr(torch_amp, "precision", lambda place, amp: plain(place, False))
    assert bfloat16(of(PLAIN, "float32")).verdict is Verdict.UNDECIDED


# the command


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that was interrupted: it has no summary."""
    torch.set_num_threads(1)
    folder: Path = tmp_path_factory.mktemp("gan") / "run"
    trained(SHORT["gan"] | {"steps": 12}, folder)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in files}


def asked(*words: str) -> int:
    return int(app(["model", *words], exit_on_error=False, print_error=False))


def test_the_command_judges_a_run_and_writes_nothing(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = content(run)
    assert asked(str(run), "--batches", "1", "--json", "--device", "cpu") == 0
    said = json.loads(capsys.readouterr().out)
    assert not said["partial"]
    assert len(said["evidence"]) == 9
    assert {one["verdict"] for one in said["evidence"]} == {"agrees"}
    assert said["step"] == 12
    assert asked(str(run), "--batches", "1", "--device", "cpu") == 0
    assert "9 of 9 agree" in capsys.readouterr().out
    assert content(run) == before


def test_a_newer_checkpoint_that_is_not_whole_is_named(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(run, tmp_path / "run"))
    torn = folder / "checkpoints" / "step-00000012.safetensors"
    content = bytearray(torn.read_bytes())
    content[-1] ^= 1
    torn.write_bytes(content)
    assert asked(str(folder), "--batches", "1", "--json", "--device", "cpu") == 0
    out, error = capsys.readouterr()
    said = json.loads(out)
    assert said["step"] == 7
    assert [str(torn) in words for words in said["refused"]] == [True]
    assert f"refused: {torn}" in error


def test_the_same_seed_has_the_same_figures(run: Path) -> None:
    session, data = session_of(*PLAIN)
    told = []
    for seed in (0, 0, 1):
        made = torch_checks.checks(session, data, batches=1, seed=seed)[0]()
        told.append(made.figure)
    assert told[0] == told[1] != told[2]


def test_the_session_is_left_as_it_is() -> None:
    session, data = session_of(*PLAIN)
    before = session.tensors()
    for check in torch_checks.checks(session, data, batches=1, seed=0)[:3]:
        check()
    after = session.tensors()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_folder_without_a_run_is_misuse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(str(tmp_path)) == MISUSE
    assert "no checkpoint" in capsys.readouterr().err
    assert asked(str(tmp_path / "nothing")) == MISUSE
    assert not list(tmp_path.iterdir())


def test_a_device_that_is_not_there_is_misuse(run: Path) -> None:
    assert asked(str(run), "--device", "tpu") == MISUSE
    if torch.cuda.is_available():
        pytest.skip("there is a cuda device")
    assert asked(str(run), "--device", "cuda") == MISUSE


def test_what_is_refuted_has_the_exit_status_1(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = with_nan(of(PLAIN, "float32"), "generator")
    monkeypatch.setattr(
        torch_checks, "checks", lambda *_, **__: [lambda: generator_gradient(broken)]
    )
    assert asked(str(run)) == 1
    assert "REFUTED" in capsys.readouterr().out


def test_ctrl_c_leaves_what_was_found(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def found_by(chosen: Any) -> Iterator[Any]:
        yield chosen[0]()
        raise KeyboardInterrupt

    monkeypatch.setattr(torch_checks, "found_by", found_by)
    assert asked(str(run), "--batches", "1", "--device", "cpu") == INTERRUPTED
    said = capsys.readouterr().out
    assert "interrupted" in said
    assert "1 of 1 agree" in said


@pytest.mark.gpu
@pytest.mark.parametrize("which", [PLAIN, BERNOULLI], ids=named)
def test_a_gpu_finds_the_same(which: Any) -> None:
    if not torch.cuda.is_available():
        pytest.skip("torch sees no cuda device")
    session, data = session_of(*which)
    made = torch_checks.checks(session, data, batches=1, seed=0, on=("cuda",))
    for found in torch_checks.found_by(made):
        assert found.verdict is AGREES, (found.claim, found.figure)
