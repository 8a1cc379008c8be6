"""Training on a GPU: the CPU's losses, the same state after a save, nothing waited for.

`python -m pytest -m gpu` runs all that needs a device, here and in the other files; the
same tests run on the CPU without it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")
pytest.importorskip("safetensors")
pytest.importorskip("matplotlib")
from devices import CUDA, DEVICES, Crossings, unwaited  # noqa: E402
from first_order import bound_of_loss  # noqa: E402
from test_models import BATCH, GIVEN, of, session  # noqa: E402
from verify.commands.train import train  # noqa: E402
from verify.training import torch_run  # noqa: E402
from verify.training.safetensors_checkpoint import (  # noqa: E402
    Checkpoint,
    newest,
    write,
)

PRECISIONS: dict[str, dict[str, Any]] = {
    "float64": {"dtype": "float64"},
    "float32": {"dtype": "float32"},
    "amp": {"dtype": "float32", "amp": True},
}
UNIT = {"float64": 2.0**-53, "float32": 2.0**-24, "amp": 2.0**-24}
BFLOAT16 = 2.0**-8
TF32 = 2.0**-10  # what convolutions, on a GPU, may round float32 to, or cut it off
COARSE = {"float64": 1e-12, "float32": 2e-3, "amp": 0.01}
"""A bound that is a larger share of the loss than this would mean nothing."""
EPOCH = 719  # half of the digits to train on: every other step begins an epoch


def narrow(precision: str, device: str) -> float:
    """The roundoff of what a layer takes and gives, 0 where that of sums is meant."""
    if precision == "amp":
        return BFLOAT16
    return TF32 if precision == "float32" and device == "cuda" else 0.0


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("given", GIVEN, ids=of)
def test_a_step_has_the_losses_of_float64_on_the_cpu(
    given: dict[str, Any], precision: str, device: str
) -> None:
    exact = session("cpu", **given, dtype="float64")
    run = session(device, **given, **PRECISIONS[precision])
    assert run.rows.device.type == run.order.next().device.type == device
    rows, noise = run.rows[:BATCH], run.noise()
    wide = [tensor.detach().cpu().double() for tensor in (rows, noise)]
    for turn in run.model.turns:
        loss, _ = run._judged(turn, rows, noise)
        true, _ = exact.model.objective(turn, *wide)
        assert loss.device.type == device
        bound = bound_of_loss(
            exact.model, turn, *wide, UNIT[precision], narrow(precision, device)
        )
        assert bound <= COARSE[precision] * abs(true.item()), bound / true.item()
        assert abs(loss.item() - true.item()) <= bound
    measured = run.advance()
    assert measured.device.type == device
    assert torch.isfinite(measured).all()
    assert all(p.grad.device.type == device for p in run.model.parameters())


@pytest.mark.parametrize("given", GIVEN, ids=of)
def test_weights_that_are_off_by_a_tenth_would_be_seen(given) -> None:
    """The bound in float32 is no licence: it is less than so small a mistake."""
    exact = session("cpu", **given, dtype="float64")
    rows, noise = exact.rows[:BATCH], exact.noise()
    for turn in exact.model.turns:
        right, _ = exact.model.objective(turn, rows, noise)
        bound = bound_of_loss(exact.model, turn, rows, noise, UNIT["float32"], 0.0)
        with torch.no_grad():
            for parameter in exact.model.player(turn):
                parameter *= 1.1
        wrong, _ = exact.model.objective(turn, rows, noise)
        assert abs(wrong.item() - right.item()) > bound


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("given", GIVEN[::2], ids=of)
def test_a_saved_session_goes_on_with_the_same_bits(
    given: dict[str, Any], device: str, tmp_path: Path
) -> None:
    run = session(device, **given)
    for _ in range(3):
        run.advance()
    (tmp_path / "checkpoints").mkdir()
    facts = {"position": run.order.position}
    write(tmp_path, Checkpoint(run.step, run.tensors(), facts))
    saved, _ = newest(tmp_path)
    assert saved is not None
    again = session(device, **given)
    again.restore(saved.step, saved.tensors, saved.facts["position"])
    ours, theirs = run.tensors(), again.tensors()
    assert ours.keys() == theirs.keys()
    for name, tensor in ours.items():
        assert torch.equal(tensor, theirs[name]), name
    assert {t.device.type for o in again.optimisers.values()
            for s in o.state.values() for t in s.values()} == {device}  # fmt: skip
    if given["network"] == "mlp":  # a convolution's slopes may be added in any order
        assert torch.equal(run.advance(), again.advance())
        return
    assert torch.equal(run.order.next(), again.order.next())
    assert torch.equal(run.noise(), again.noise())


@pytest.mark.filterwarnings("ignore:TensorFloat32 tensor cores")  # a hint of Inductor's
@pytest.mark.parametrize("device", DEVICES)
def test_the_command_trains_and_resumes_there(
    device: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a GPU compiled and with pictures; `test_training` does both on the CPU."""
    compiled = {"compile": True} if device == "cuda" else {}
    if device == "cpu":
        monkeypatch.setattr(torch_run, "album", lambda *given: [])
    folder = tmp_path / "run"
    given = {"data": "ring", "batch": 32, "every": 10}
    assert train("gan", device=device, out=folder, steps=20, **given, **compiled) == 0
    assert train("gan", out=folder, steps=30, resume=True, json=True) == 0
    out, error = capsys.readouterr()
    said = json.loads(out[out.index("\n{") :])["run"]
    assert "resumed at step 20" in error
    assert (said["step"], said["options"]["device"]) == (30, device)
    name = torch.cuda.get_device_name() if device == "cuda" else "cpu"
    assert said["machine"]["device"] == name


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("given", GIVEN, ids=of)
@pytest.mark.parametrize("device", [pytest.param("cuda", marks=CUDA)])
def test_no_step_waits_for_the_device(given, precision: str, device: str) -> None:
    """New epochs are begun as well, and their order is brought there."""
    run = session(device, **given | PRECISIONS[precision], batch=EPOCH)
    run.advance()  # handles and states are made
    with unwaited():
        for _ in range(4):
            run.advance()


@pytest.mark.parametrize("given", GIVEN, ids=of)
def test_no_step_brings_anything_to_another_device(given) -> None:
    """On `meta`, as far as that can show it: no copy is waited for, no value asked."""
    run = session("meta", **given, batch=EPOCH)
    with Crossings() as seen:
        for _ in range(4):
            run.advance()
    assert not seen.found


@pytest.mark.parametrize("spoil", ["number", "tensor", "copy", "item"])
def test_a_tensor_made_elsewhere_would_be_seen(spoil: str) -> None:
    run = session("meta", model="vae", dtype="float32")
    right = run.eager

    def wrong(*given: Any) -> Any:
        loss, seen = right(*given)
        elsewhere = torch.ones(3 if spoil == "tensor" else ())
        if spoil == "item":
            return loss * loss.item(), seen
        moved = elsewhere.to("meta") if spoil == "copy" else elsewhere
        return (loss * moved).mean(), seen

    run.objective = wrong
    if spoil in ("tensor", "item"):  # torch itself refuses these on meta
        with pytest.raises(RuntimeError, match="meta"):
            run.advance()
        return
    with Crossings() as crossings:
        run.advance()
    assert crossings.found
