"""The models: trained on the ledger's objects, no other; on any device; no sigmoid."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import derivations
from derivations.catalogue import catalogue
from derivations.references.reference import Reference
from verify.data.named import dataset
from verify.models.ledger_losses import ForeignLossError, of_the_ledger

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")
from verify.models import torch_gan, torch_vae  # noqa: E402 - after the skip
from verify.models.torch_gan import GAN  # noqa: E402
from verify.models.torch_vae import VAE  # noqa: E402
from verify.training.options import completed  # noqa: E402
from verify.training.torch_session import Session  # noqa: E402

LATENT, BATCH = 3, 5
MODELS = [
    *product([VAE], ["mlp", "conv"], ["bernoulli", "gaussian"]),
    *product([GAN], ["mlp", "conv"], ["saturating", "nonsaturating"]),
]
GIVEN = [
    {"model": kind.__name__.lower(), "network": network, option: choice}
    for kind, network, choice in MODELS
    for option in ["decoder" if kind is VAE else "loss"]
]


def of(given: dict[str, Any]) -> str:
    return "-".join(given.values())


def session(device: str, **given: Any) -> Session:
    data = dataset("digits")
    whole = {"data": "digits", "device": device, "batch": BATCH, "latent": LATENT}
    return Session(completed(whole | given, data), data)


@contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[Any, Any]]]:
    """Who of the references was called, and what came of it."""
    calls: list[tuple[Any, Any]] = []
    kinds = {type(vars(derivations).get(n)) for n in derivations.__all__}
    with monkeypatch.context() as patch:
        for kind in {kind for kind in kinds if issubclass(kind, Reference)}:
            called = kind.__call__

            def watched(self, *arrays, _called=called, **named):  # type: ignore[no-untyped-def]
                value = _called(self, *arrays, **named)
                calls.append((self, value))
                return value

            patch.setattr(kind, "__call__", watched)
        yield calls


def leaves_past(node: Any, barrier: set[Any]) -> int:
    """How many parameters autograd reaches from a node without passing the barrier."""
    seen, waiting, reached = set(), [node], 0
    while waiting:
        here = waiting.pop()
        if here is None or here in seen or here in barrier:
            continue
        seen.add(here)
        reached += hasattr(here, "variable")
        waiting += [above for above, _ in here.next_functions]
    return reached


def strangers(run: Session, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Turns whose number is more, or other, than one value of the ledger's objects."""
    allowed = {id(getattr(derivations, loss.name)) for loss in run.model.losses}
    found = []
    for turn in run.model.turns:
        with recorded(monkeypatch) as calls:
            rows = run.rows[:BATCH]
            loss, _ = run.model.objective(turn, rows, run.noise())
        through = [value for one, value in calls if id(one) in allowed]
        assert leaves_past(loss.grad_fn, set()) > 0
        # the graph names a tensor by its node; minus the mean is all that may follow
        sign = -1 if run.options.model == "vae" else 1
        if (
            len(through) != 1
            or leaves_past(loss.grad_fn, {through[0].grad_fn})
            or not torch.equal(loss, sign * through[0].mean())
        ):
            found.append(turn)
    return found


@pytest.mark.parametrize("given", GIVEN, ids=of)
def test_what_is_trained_on_is_the_object_of_the_ledger(given, monkeypatch) -> None:
    """Every path from the trained number to a parameter passes through its value."""
    assert not strangers(session("cpu", **given), monkeypatch)


def beside(value: Any, decoded: Any, data: Any) -> Any:
    """A mean squared error, added where nobody looks."""
    return value - (decoded - data).square().sum(-1)


def hidden(value: Any, decoded: Any, data: Any) -> Any:
    """The same number by another loss: the value, and not its slopes."""
    other = -(decoded - data).square().sum(-1)
    return value.detach() + other - other.detach()


def scaled(value: Any, decoded: Any, data: Any) -> Any:
    """Another number, by the right path."""
    return value / decoded.shape[-1]


@pytest.mark.parametrize("planted", [beside, hidden, scaled])
def test_another_loss_in_a_model_would_be_seen(planted, monkeypatch) -> None:
    run = session("cpu", model="vae")
    right = run.model.elbo
    run.model.elbo = lambda decoded, data, *rest: planted(
        right(decoded, data, *rest), decoded, data
    )
    assert strangers(run, monkeypatch) == ["vae"]


def test_a_penalty_in_one_turn_of_a_gan_would_be_seen(monkeypatch) -> None:
    run = session("cpu", model="gan")
    right = run.model.objective

    def objective(turn: str, *given: Any) -> Any:
        loss, seen = right(turn, *given)
        weight = run.model.discriminator[0].weight
        return loss + (weight.square().sum() if turn == "discriminator" else 0), seen

    run.model.objective = objective
    assert strangers(run, monkeypatch) == ["discriminator"]


@pytest.mark.parametrize("given", GIVEN, ids=of)
def test_a_step_descends_the_slopes_of_the_objective_and_nothing_else(given) -> None:
    """What the optimiser is given is the gradient of the ledger's value, to the bit."""
    run, twin = (session("cpu", **given) for _ in range(2))
    run.advance()
    rows = twin.rows[twin.order.next()]
    for turn, player in twin.players.items():
        loss, _ = twin.model.objective(turn, rows, twin.noise())
        slopes = torch.autograd.grad(loss, player)
        if turn == twin.model.turns[-1]:  # the one that nothing has come after
            for parameter, slope in zip(run.players[turn], slopes, strict=True):
                assert torch.equal(parameter.grad, slope)
        for parameter, slope in zip(player, slopes, strict=True):
            parameter.grad = slope
        twin.optimisers[turn].step()
    before, after = twin.tensors(), run.tensors()
    assert all(torch.equal(before[name], tensor) for name, tensor in after.items())
    for optimiser in run.optimisers.values():  # a decay is a loss that nobody derived
        assert all(group["weight_decay"] == 0 for group in optimiser.param_groups)


@pytest.mark.parametrize("given", GIVEN, ids=of)
def test_what_is_minimised_is_what_the_definitions_say(given) -> None:
    """By torch's distributions, from what the networks give: which row is which."""
    run = session("cpu", dtype="float64", **given)
    model, rows, noise = run.model, run.rows[:BATCH], run.noise()
    laws, log = torch.distributions, torch.nn.functional.logsigmoid
    for turn in model.turns:
        loss, _ = model.objective(turn, rows, noise)
        if given["model"] == "vae":
            mu, log_variance = model.encode(rows)
            posterior = laws.Normal(mu, log_variance.mul(0.5).exp())
            decoded = model.decode(posterior.mean + posterior.stddev * noise)
            terms = {
                "bernoulli": rows * log(decoded) + (1 - rows) * log(-decoded),
                "gaussian": laws.Normal(decoded, 1.0).log_prob(rows),  # at its start
            }[given["decoder"]]
            divergence = laws.kl_divergence(posterior, laws.Normal(0.0, 1.0))
            expected = divergence.sum(-1).mean() - terms.sum(-1).mean()
        else:
            fake = model.logit(model.picture(noise))
            expected = {
                "discriminator": -log(model.logit(rows)).mean() - log(-fake).mean(),
                "saturating": log(-fake).mean(),
                "nonsaturating": -log(fake).mean(),
            }[turn if turn == "discriminator" else given["loss"]]
        # at most some 1000 roundings of numbers of about 100
        assert abs((loss - expected).item()) < 1000 * 100 * 2.0**-52


def test_a_loss_cannot_be_put_in_the_place_of_the_ledgers() -> None:
    vae, gan = (session("cpu", model=model).model for model in ("vae", "gan"))
    for model, name in (
        (vae, "loss"),
        (gan, "generator_loss"),
        (gan, "discriminator_loss"),
    ):
        before = getattr(model, name)
        with pytest.raises(AttributeError, match=name):
            setattr(model, name, torch.nn.functional.mse_loss)
        setattr(model, name, torch.nn.MSELoss())  # torch takes it for a layer
        assert getattr(model, name) is before


def test_a_table_of_losses_with_another_one_is_refused(monkeypatch) -> None:
    monkeypatch.setitem(torch_vae.DECODERS, "bernoulli", torch.nn.functional.mse_loss)
    monkeypatch.setattr(torch_gan, "DISCRIMINATOR_LOSS", abs)
    for model in ("vae", "gan"):
        with pytest.raises(ForeignLossError):
            session("cpu", model=model)


@pytest.mark.parametrize("name", ["bernoulli_elbo", "saturating_generator_loss"])
def test_a_loss_that_only_looks_like_the_ledgers_is_refused(name: str) -> None:
    right = getattr(derivations, name)
    assert of_the_ledger(right) is right
    for chain in right.derivations:
        assert catalogue()[chain.name] is chain
    twin = object.__new__(type(right))
    twin.__dict__.update(vars(right))
    for wrong in (twin, torch.nn.BCEWithLogitsLoss(), abs, right.statement):
        with pytest.raises(ForeignLossError):
            of_the_ledger(wrong)


def test_a_loss_whose_chain_was_exchanged_is_refused(monkeypatch) -> None:
    @derivations.derivation
    def saturating_softplus():  # type: ignore[no-untyped-def]
        yield right.rhs + 1

    right = derivations.saturating_generator_loss
    twin = object.__new__(type(right.forms["logits"]))
    twin.__dict__.update(vars(right.forms["logits"]))
    twin.chain = saturating_softplus
    monkeypatch.setattr(right, "forms", {"logits": twin})
    with pytest.raises(ForeignLossError, match="not judged"):
        of_the_ledger(right)


def test_a_model_with_another_loss_is_not_trained(monkeypatch) -> None:
    monkeypatch.setattr(
        VAE, "losses", property(lambda self: (torch.nn.functional.mse_loss,))
    )
    with pytest.raises(ForeignLossError, match="mse_loss"):
        session("cpu", model="vae")


@pytest.mark.parametrize("given", GIVEN, ids=of)
def test_a_step_needs_no_device_and_no_value(given) -> None:
    """On `meta` there are no values: an .item() or a tensor elsewhere raises."""
    run = session("meta", **given)
    measured = run.advance()
    assert measured.device.type == "meta"
    assert measured.shape == (len(run.names),)
    assert all(p.grad.device.type == "meta" for p in run.model.parameters())


def test_an_item_would_be_seen_on_meta(monkeypatch) -> None:
    run = session("meta", model="vae")
    right = run.eager
    run.objective = lambda *given: (right(*given)[0] * right(*given)[0].item(), {})
    with pytest.raises(RuntimeError, match="meta"):
        run.advance()


@pytest.mark.parametrize("given", GIVEN, ids=of)
def test_shapes_dtypes_and_logits(given) -> None:
    run = session("cpu", dtype="float64", **given)
    z, rows = torch.randn(BATCH, LATENT, dtype=torch.float64), run.rows[:BATCH]
    made = run.model.picture(z)
    assert (made.shape, made.dtype) == ((BATCH, 64), torch.float64)
    kinds = {type(layer) for layer in run.model.modules()}
    assert torch.nn.Sigmoid not in kinds
    if given["model"] == "vae":
        mu, log_variance = run.model.encode(rows)
        assert mu.shape == log_variance.shape == (BATCH, LATENT)
        return
    logit = run.model.logit(torch.cat([rows, rows + 1e3, rows - 1e3]))
    assert logit.shape == (3 * BATCH,)
    assert not logit.ge(0).logical_and(logit.le(1)).all()  # no probability
    alone = torch.stack([run.model.logit(row[None])[0] for row in rows])
    assert torch.allclose(run.model.logit(rows), alone, rtol=1e-12)  # 2^13 roundings
    assert made.gt(0).logical_and(made.lt(1)).all()


@pytest.mark.parametrize("file", ["torch_vae.py", "torch_gan.py"])
def test_a_models_file_uses_no_loss_of_torch(file: str) -> None:
    path = Path(__file__).parent.parent / "verify" / "models" / file
    names = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute | ast.Name)
    }
    torch_losses = {n for n in vars(torch.nn) if n.endswith("Loss")}
    assert not names & {"functional", "distributions", *torch_losses}


def test_the_conv_networks_refuse_what_they_cannot_halve_twice() -> None:
    for build in (
        lambda shape: VAE(shape, 2, "conv", "bernoulli"),
        lambda shape: GAN(shape, 2, "conv", "saturating"),
    ):
        with pytest.raises(ValueError, match="multiples of 4"):
            build((6, 8))
        with pytest.raises(ValueError, match="multiples of 4"):
            build((2,))


def test_the_start_depends_on_the_seed_and_leaves_torchs_own_alone() -> None:
    before = torch.random.get_rng_state()
    first, again = (session("cpu", model="gan").tensors() for _ in range(2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(first[name], again[name]) for name in first)
    data = dataset("digits")
    options = session("cpu", model="gan").options
    other = Session(replace(options, seed=1), data).tensors()
    assert any(not torch.equal(first[name], other[name]) for name in first)


@pytest.mark.parametrize("loss", ["saturating", "nonsaturating"])
def test_pixels_learn_under_amp_where_tanh_is_one_in_bfloat16(loss: str) -> None:
    """Most of an image is black: a slope of exactly 0 there would be for ever."""
    model = GAN((8, 8), LATENT, "mlp", loss)
    last = [layer for layer in model.generator if isinstance(layer, torch.nn.Linear)]
    bias = last[-1].bias
    with torch.no_grad():
        bias.copy_(torch.linspace(-6, 6, len(bias)))
    noise = torch.zeros(BATCH, LATENT)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        made = model.picture(noise)
    assert made.dtype == torch.float32
    made.sum().backward()
    assert bias.grad is not None
    assert (bias.grad > 0).all()
    assert (made > 0).all()
