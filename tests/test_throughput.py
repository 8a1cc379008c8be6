"""The benchmark of the training step: the same work, in turns, and what it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")
from verify.bench.rounds import FEWEST  # noqa: E402
from verify.commands import throughput as command  # noqa: E402
from verify.commands.options import INTERRUPTED, MISUSE  # noqa: E402
from verify.data.named import dataset  # noqa: E402
from verify.throughput import torch_rates, torch_speed  # noqa: E402
from verify.throughput.speed import (  # noqa: E402
    COPY,
    LOOPS,
    MATMUL,
    OURS,
    PLAIN,
    Speed,
)
from verify.throughput.torch_plain import LOOPS as PLAIN_LOOPS  # noqa: E402
from verify.throughput.torch_plain import Draw, Loop, loaded, started  # noqa: E402
from verify.throughput.torch_same_work import disagreement  # noqa: E402
from verify.training.options import CHOICES, Options, completed  # noqa: E402

DIGITS = dataset("digits")
BATCH = 16


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The device's best is asked for, but not for long."""
    monkeypatch.setitem(torch_rates.SIDES, "cpu", 256)
    monkeypatch.setitem(torch_rates.COPIED, "cpu", 2**22)


def options(model: str, network: str = "mlp", **more: Any) -> Options:
    given = {"model": model, "network": network, "data": "digits", "device": "cpu"}
    return completed(given | {"batch": BATCH} | more, DIGITS)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("network", CHOICES["network"])
@pytest.mark.parametrize("model", CHOICES["model"])
def test_both_loops_train_the_same_model(model: str, network: str, seed: int) -> None:
    chosen = options(model, network, seed=seed)
    assert disagreement(chosen, DIGITS, PLAIN_LOOPS[model]) is None


def test_also_where_ours_is_to_be_compiled_in_another_precision() -> None:
    """What is compared is the step in float64, whatever is timed."""
    chosen = options("vae", compile=True, amp=True)
    assert disagreement(chosen, DIGITS, PLAIN_LOOPS["vae"]) is None


def with_adam(change: dict[str, Any]) -> Callable[[Loop], Loop]:
    """The loop under another Adam."""

    def changed(loop: Loop) -> Loop:
        def other(model: Any, batches: Iterator[Any], draw: Draw) -> Iterator[None]:
            model.adam = {**model.adam, **change}
            yield from loop(model, batches, draw)

        return other

    return changed


def frozen(part: str) -> Callable[[Loop], Loop]:
    """The loop, in which one network learns nothing: a player is skipped."""

    def changed(loop: Loop) -> Loop:
        def other(model: Any, batches: Iterator[Any], draw: Draw) -> Iterator[None]:
            skipped = model.get_submodule(part)
            start = deepcopy(skipped.state_dict())
            for _ in loop(model, batches, draw):
                skipped.load_state_dict(start)
                yield

        return other

    return changed


def without_noise(loop: Loop) -> Loop:
    def other(model: Any, batches: Iterator[Any], draw: Draw) -> Iterator[None]:
        yield from loop(model, batches, torch.zeros_like)

    return other


def a_step_less(loop: Loop) -> Loop:
    def other(model: Any, batches: Iterator[Any], draw: Draw) -> Iterator[None]:
        next(batches)
        yield from loop(model, batches, draw)

    return other


NEAR_MISSES: dict[str, tuple[str, Callable[[Loop], Loop]]] = {
    "no turn of the generator": ("gan", frozen("generator")),
    "no turn of the discriminator": ("gan", frozen("discriminator")),
    "the last layer alone is skipped": ("gan", frozen("discriminator.4")),
    "the encoder learns nothing": ("vae", frozen("encoder")),
    "the mean in the place of a draw": ("vae", without_noise),
    "a batch less": ("vae", a_step_less),
    "a rate of 0.1 % more": ("gan", with_adam({"lr": 3e-4 * 1.001})),
    "torch's own first beta": ("gan", with_adam({"betas": (0.9, 0.999)})),
    "weights that decay": ("vae", with_adam({"weight_decay": 1e-4})),
}


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_other_work_is_seen(name: str) -> None:
    model, changed = NEAR_MISSES[name]
    loop = changed(PLAIN_LOOPS[model])
    found = disagreement(options(model), DIGITS, loop)
    assert found is not None
    assert "differs by" in found


def test_a_loop_that_does_less_is_not_timed() -> None:
    loop = frozen("generator")(PLAIN_LOOPS["gan"])
    speed = torch_speed.measured(options("gan"), DIGITS, 0.01, loop=loop)
    assert speed.ratio is None
    assert speed.verdict == "MISS"
    assert PLAIN not in speed.times
    assert "differs by" in speed.as_data()["refused"]


def test_a_loop_that_waits_is_seen_to_be_slower() -> None:
    """The ratio is theirs by ours: it grows with what they do beside."""

    def waiting(model: Any, batches: Iterator[Any], draw: Draw) -> Iterator[None]:
        for _ in PLAIN_LOOPS["vae"](model, batches, draw):
            torch.linalg.svdvals(torch.eye(400))  # some steps' time: noise is not
            yield

    chosen = options("vae")
    plain = torch_speed.measured(chosen, DIGITS, 0.01, "cpu")
    slowed = torch_speed.measured(chosen, DIGITS, 0.01, "cpu", waiting)
    assert plain.ratio is not None
    assert slowed.ratio is not None
    assert slowed.ratio.low > plain.ratio.high


def test_shares_and_ratios_are_those_of_the_samples() -> None:
    """Samples of 2 steps: 1 s ours, 3 s theirs, at a tenth and a 30th of the device."""
    speed = Speed(
        options=options("vae").as_data(),
        steps=2,
        times={OURS: [1.0] * 5, PLAIN: [3.0] * 5, MATMUL: [0.5] * 5, COPY: [0.25] * 5},
        first=4.0,
        operations={OURS: 100, PLAIN: 100, MATMUL: 1000},
        moved={OURS: 10, COPY: 50},
    )
    assert speed.ratio is not None
    assert speed.ratio.low == speed.ratio.middle == speed.ratio.high == 3.0
    assert [speed.per_second(loop) for loop in LOOPS] == [2.0, 2 / 3]
    assert speed.of_matmul(OURS) == pytest.approx(0.1, rel=1e-15)
    assert speed.of_matmul(PLAIN) == pytest.approx(1 / 30, rel=1e-15)
    assert speed.of_copy == pytest.approx(0.1, rel=1e-15)
    assert speed.verdict == "PASS"
    slower = replace(speed, times={**speed.times, PLAIN: [1.2] * 5})
    assert slower.verdict == "MISS"
    on_gpu = replace(speed, options={**speed.options, "device": "cuda"})
    assert on_gpu.verdict == "NO TARGET"
    conv = replace(speed, options={**on_gpu.options, "network": "conv"})
    assert conv.verdict == "PASS"


def test_operations_are_those_of_the_layers() -> None:
    """Of an mlp three products a weight and row, but no slope of the data's rows."""
    from verify.training.torch_session import Session

    session = Session(options("vae"), DIGITS)
    weights = {n: p.numel() for n, p in session.model.named_parameters() if p.ndim == 2}
    wanted = 6 * sum(weights.values()) - 2 * weights["encoder.0.weight"]
    assert torch_rates.operations(session.advance) == BATCH * wanted
    parameters = sum(p.numel() for p in session.model.parameters())
    assert torch_rates.moved_by_adam(session) == 7 * 4 * parameters


def test_an_epoch_of_the_loader_has_every_row_at_most_once() -> None:
    rows = torch.arange(20.0)[:, None]
    batches = loaded(rows, 8, torch.device("cpu"))
    seen = torch.cat([next(batches), next(batches)]).flatten().tolist()
    assert len(set(seen)) == 16
    assert seen != sorted(seen)


def test_the_command_says_what_it_measured(capsys: pytest.CaptureFixture[str]) -> None:
    given: dict[str, Any] = {"model": "vae", "network": "mlp", "batch": BATCH}
    status = command.throughput(device="cpu", seconds=0.01, json=True, **given)
    said = json.loads(capsys.readouterr().out)
    assert status == 0
    assert said["command"] == "throughput"
    (speed,) = said["speeds"]
    assert speed["rounds"] == FEWEST
    assert speed["verdict"] in ("PASS", "MISS")
    assert said["ok"]  # a target that is missed is one under --strict alone
    assert set(speed["steps_per_second"]) == set(LOOPS)
    for share in (*speed["of_matmul"].values(), speed["of_copy"]):
        assert 0 < share < 1
    gpu = {one["name"]: one["reason"] for one in said["left_out"]}
    assert list(gpu) == ["conv on cuda, at least 3x"]
    status = command.throughput(device="cpu", seconds=0.01, **given)
    printed = capsys.readouterr().out
    assert "steps/s" in printed
    assert "NOT RUN" in printed
    for piece, _, _ in said["differences"]:
        assert f"\n  {piece}" in printed


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"model": "vea"}, "the nearest: vae"),
        ({"network": "cnn"}, "--network: cnn"),
        ({"data": "ring"}, "the plain loops take images"),
        ({"data": "/nowhere"}, "no such data"),
        ({"batch": 0}, "--batch: 0"),
        ({"batch": 10**6}, "--batch: 1000000"),
        ({"clock": "sun"}, "--clock: sun"),
        ({"device": "tpu"}, "--device: tpu"),
    ],
    ids=lambda given: str(given),
)
def test_misuse_is_refused(
    given: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.throughput(**given) == MISUSE
    caught = capsys.readouterr()
    assert caught.out == ""
    assert said in caught.err


def test_interrupted_it_says_what_it_has(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: Any) -> Speed:
        raise KeyboardInterrupt

    monkeypatch.setattr(torch_speed, "measured", interrupted)
    assert command.throughput(device="cpu", json=True) == INTERRUPTED
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["partial"], said["speeds"]) == (False, True, [])


def test_nobody_asks_for_slopes_of_the_player_who_waits() -> None:
    """Compiled they would be computed; after the turn all can be asked for again."""
    from verify.training.torch_session import Session

    session = Session(options("gan"), DIGITS)
    seen: dict[str, set[bool]] = {}

    def watched(turn: str, *given: Any) -> Any:
        for name, player in session.players.items():
            if name != turn:
                seen[turn] = {parameter.requires_grad for parameter in player}
        return session.eager(turn, *given)

    session.objective = watched
    session.advance()
    assert seen == {"discriminator": {False}, "generator": {False}}
    assert all(parameter.requires_grad for parameter in session.model.parameters())

    def broken(*_: Any) -> Any:
        raise KeyboardInterrupt

    session.objective = broken
    with pytest.raises(KeyboardInterrupt):
        session.advance()
    assert all(parameter.requires_grad for parameter in session.model.parameters())


def test_the_plain_loop_has_torchs_own_layers() -> None:
    from verify.training.torch_session import model_of

    for model in CHOICES["model"]:
        chosen = options(model, "conv")
        ours, plain = (model_of(chosen, DIGITS.shape) for _ in range(2))
        layers = {type(layer).__name__ for layer in started(plain).modules()}
        assert "Doubled" not in layers
        assert {"Conv2d", "ConvTranspose2d"} <= layers
        for (name, one), (other, two) in zip(
            ours.state_dict().items(), plain.state_dict().items(), strict=True
        ):
            assert name == other
            assert torch.equal(one, two)
