"""The trainer: what it measures, what stops it, what it leaves; and its command."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from training_runs import SHORT, end_of, run_of, trained

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")
pytest.importorskip("safetensors")
pytest.importorskip("matplotlib")
from verify.commands.train import train  # noqa: E402
from verify.data import named  # noqa: E402
from verify.data.dataset import Dataset  # noqa: E402
from verify.data.toys import ring  # noqa: E402
from verify.training import log, torch_run  # noqa: E402
from verify.training.interruption import interruptible  # noqa: E402
from verify.training.safetensors_checkpoint import newest  # noqa: E402
from verify.training.torch_run import loaded  # noqa: E402
from verify.training.torch_trainer import DivergedError  # noqa: E402

QUICK = {"steps": 20, "batch": 16, "every": 10}


LEFT: list[dict[str, Any]] = [
    {"model": "vae", "data": "gaussian", "dtype": "float64"},
    {"model": "gan", "data": "digits", "network": "conv", "loss": "saturating"},
    {"model": "vae", "data": "digits", "network": "conv", "amp": True},
]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Runs by their options, each made once: run, lines that were seen, folder."""

    @cache
    def made(place: int) -> tuple[Any, list[log.Line], Path]:
        folder, seen = tmp_path_factory.mktemp("left") / "run", []
        run = run_of(QUICK | LEFT[place], folder)
        assert run.train(seen.append)
        assert run.finish() == json.loads((folder / "summary.json").read_text())
        return run, seen, folder

    return lambda given: made(LEFT.index(given))


@pytest.mark.parametrize(
    "given", LEFT, ids=lambda given: "-".join(map(str, given.values()))
)
def test_a_run_leaves_what_it_says(given: dict[str, Any], left) -> None:
    run, seen, folder = left(given)
    said = json.loads((folder / "summary.json").read_text())
    assert said["toy"] == (given["data"] != "digits")
    named_files = [*said["checkpoint"], said["log"], *said["pictures"], "summary.json"]
    files = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert set(named_files) <= files
    stems = {"samples", "traversals", "curves"}
    stems |= {"reconstructions"} if given["model"] == "vae" else set()
    assert {Path(p).stem for p in said["pictures"]} == stems
    for name in said["pictures"]:
        content = (folder / name).read_bytes()
        if name.endswith("svg"):
            assert ElementTree.fromstring(content).tag.endswith("}svg")
        else:
            assert content.startswith(b"\x89PNG")
            assert content.endswith(b"IEND\xaeB`\x82")
    assert seen == log.lines(folder)
    assert [line["step"] for line in seen] == [10, 20]
    assert said["start"].keys() == said["figures"].keys()
    session, _ = loaded(folder, lambda words: None)
    ours = run.session.tensors()
    assert all(torch.equal(t, ours[name]) for name, t in session.tensors().items())


CLOCKS = ("times",)
"""All of a summary that depends on the clock, and on when it was resumed."""


def test_a_run_killed_while_it_was_drawn_ends_with_the_same_files(
    left, tmp_path: Path
) -> None:
    *_, finished = left(LEFT[0])
    folder = Path(shutil.copytree(finished, tmp_path / "run"))
    before = files_of(folder)
    (folder / "summary.json").unlink()
    (folder / "traversals.svg").unlink()
    (folder / "samples.png.unfinished").write_bytes(b"half")
    trained({}, folder, resume=True).finish()
    after = files_of(folder)
    said, again = (json.loads(files.pop("summary.json")) for files in (before, after))
    assert after == before
    assert {**said, **dict.fromkeys(CLOCKS)} == {**again, **dict.fromkeys(CLOCKS)}


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_vae_on_digits_beats_principal_components(tmp_path: Path) -> None:
    """A fifth of the default's steps do, with the same latent dimension."""
    run = trained({"model": "vae", "data": "digits", "steps": 400}, tmp_path / "run")
    from verify.training.torch_outcome import outcome

    figures = outcome(run.session, run.data).figures
    assert figures["test_error"] < figures["pca_test_error"]
    assert figures["test_elbo"] > run.start["test_elbo"]
    test, train = run.data.test, run.data.train
    assert figures["test_error"] < np.square(test - train.mean(0)).mean()


def test_a_gan_comes_nearer_to_the_data(tmp_path: Path) -> None:
    given = {"model": "gan", "data": "gaussian", "steps": 200, "batch": 64}
    run = trained(given, tmp_path / "run")
    from verify.training.torch_outcome import outcome

    distance = outcome(run.session, run.data).figures["squared_frechet_distance"]
    assert distance < run.start["squared_frechet_distance"] / 5


def spoiled() -> Dataset:
    """The ring, and one row of it whose square is beyond float32."""
    right = ring()
    rows = right.train.copy()
    rows[4000] = 3e38
    return Dataset("ring", rows, right.test, right.shape, toy=True)


def test_a_loss_that_is_not_finite_stops_with_its_step(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setitem(named.NAMED, "ring", spoiled)
    folder, batch, every = tmp_path / "run", 512, 3
    given = SHORT["vae"] | {"batch": batch, "every": every, "latent": 2, "seed": 5}
    run = run_of(given, folder)
    order = run.session.order
    found = torch.nonzero(order._permutation == 4000).item()
    step = found // batch + 1  # the row's place in the first epoch, from the order
    with pytest.raises(DivergedError, match=f"step {step}: .* is (inf|nan)") as stopped:
        run.train(lambda line: None)
    good, refusals = newest(folder)
    assert good is not None
    assert good.step == (step - 1) // every * every
    assert stopped.value.checkpoint.stem == f"step-{good.step:08d}"
    assert not refusals
    assert all(torch.isfinite(t).all() for t in good.tensors.values())
    ranges = {one["layer"]: one for one in stopped.value.ranges}
    assert ranges["encoder.0"]["greatest"] > 1e37  # the row times a weight
    assert any(one["not_finite"] for one in stopped.value.ranges)


def test_a_gradient_that_is_not_finite_stops_too(tmp_path: Path) -> None:
    run = run_of(SHORT["vae"], tmp_path / "run")
    right = run.session.eager

    def steep(*given: Any) -> Any:
        loss, seen = right(*given)
        root = (run.session.players["vae"][0] * 0).square().sum().sqrt()
        return loss + root, seen  # 0, and its slope 0/0

    run.session.objective = steep
    with pytest.raises(DivergedError, match="step 1: vae_gradient is nan"):
        run.train(lambda line: None)


def test_an_interruption_saves_and_can_be_resumed(tmp_path: Path) -> None:
    whole, folder = tmp_path / "whole", tmp_path / "run"
    trained(SHORT["gan"], whole)
    run = run_of(SHORT["gan"], folder)

    def press(line: log.Line) -> None:
        if line["step"] == 30:
            signal.raise_signal(signal.SIGINT)

    assert not run.train(press)
    good, _ = newest(folder)
    assert good is not None
    assert good.step == 30
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    trained({}, folder, resume=True)
    assert end_of(folder) == end_of(whole)


def test_what_a_shell_has_ignored_stays_ignored() -> None:
    """As of what it puts into the background: the keyboard is somebody else's."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interruptible() as stop:
            signal.raise_signal(signal.SIGINT)
            assert not stop()
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_second_interruption_ends_at_once() -> None:
    with interruptible() as stop:
        signal.raise_signal(signal.SIGINT)
        assert stop()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_the_command_interrupted_exits_with_130(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; "
        "from verify.commands.train import train; "
        "sys.exit(train('vae', data='ring', steps=10**6, out=Path(sys.argv[1])))"
    )
    folder = tmp_path / "run"
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    last = time.monotonic() + 90
    while not log.lines(folder) and time.monotonic() < last:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (130, "")
    good, _ = newest(folder)
    assert good is not None
    assert f"saved at step {good.step}" in stderr
    assert "Traceback" not in stderr


@pytest.mark.parametrize(
    ("model", "given", "words"),
    [
        ("gann", {}, "no model has this name; the nearest: gan"),
        ("vae", {"data": "digit"}, "no such data; it can be digits"),
        ("gan", {"data": ""}, "no such data; it can be digits"),
        ("vae", {"latent": 0}, "--latent: 0, need at least 1"),
        ("gan", {"latent": 10**10}, "--latent: 10000000000, need at most 65536"),
        ("vae", {"steps": 0}, "--steps: 0"),
        ("vae", {"batch": 10**6}, "--batch: 1000000, more than the 1"),
        ("vae", {"seed": -1}, "--seed: -1"),
        ("gan", {"loss": "nonsaturatin"}, "the nearest: nonsaturating"),
        ("vae", {"loss": "saturating"}, "--loss: only train gan has it"),
        ("gan", {"decoder": "gaussian"}, "--decoder: only train vae has it"),
        ("vae", {"data": "ring", "decoder": "bernoulli"}, "needs greys in"),
        ("vae", {"data": "ring", "network": "conv"}, "multiples of 4"),
        ("vae", {"dtype": "float16"}, "--dtype: float16; it can be float32"),
        ("vae", {"dtype": "float64", "amp": True}, "--amp: bfloat16 beside"),
        ("vae", {"device": "tpu"}, "--device: tpu"),
        ("vae", {"resume": True}, "nothing there to resume"),
    ],
    ids=lambda given: str(given) if isinstance(given, str) else "",
)
def test_misuse_is_named_and_writes_nothing(
    model, given, words, tmp_path: Path, capsys
) -> None:
    folder = tmp_path / "run"
    assert train(model, out=folder, **given) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert words in error
    assert not folder.exists()


def test_a_figure_that_is_not_finite_is_said_and_the_run_kept(
    tmp_path: Path, capsys, monkeypatch
) -> None:
    distances = iter([1.0, float("nan")])  # before training, and after it
    name = "verify.training.torch_outcome.squared_frechet_distance"
    monkeypatch.setattr(name, lambda *given: next(distances))
    folder = tmp_path / "run"
    assert train("gan", data="ring", out=folder, steps=3, batch=16) == 1
    said = "step 3: squared_frechet_distance is nan; what was saved before is whole"
    assert said in capsys.readouterr().err
    assert newest(folder)[0].step == 3
    assert not (folder / "summary.json").exists()


def test_cuda_without_a_device_is_misuse(tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert train("vae", device="cuda", out=tmp_path / "run") == 2
    assert "torch sees no cuda device" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_the_command_prints_json_and_resumes(
    tmp_path: Path, capsys, monkeypatch
) -> None:
    monkeypatch.setattr(torch_run, "album", lambda *given: [])  # seen to elsewhere
    folder = tmp_path / "run"
    assert train("vae", data="ring", out=folder, steps=10, json=True) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["schema"], said["command"], said["ok"]) == (
        "lossproof/1",
        "train",
        True,
    )
    assert said["run"]["losses"] == ["gaussian_elbo"]
    assert train("vae", data="ring", out=folder) == 2
    assert "has content" in capsys.readouterr().err
    assert train("gan", out=folder, resume=True) == 2
    assert "train: vae there, gan given" in capsys.readouterr().err
    assert train("vae", out=folder, steps=20, resume=True) == 0
    out, error = capsys.readouterr()
    assert "resumed at step 10" in error
    assert "20 steps" in out


def test_compiled_and_eager_runs_agree_to_rounding(tmp_path: Path, monkeypatch) -> None:
    """Traced in one graph, but not translated: that takes a minute."""
    traced = partial(torch.compile, backend="aot_eager")
    given = {
        "model": "vae",
        "data": "ring",
        "dtype": "float64",
        "steps": 3,
        "batch": 32,
    }
    eager = trained(given, tmp_path / "eager").session.tensors()
    monkeypatch.setattr(torch, "compile", traced)
    run = run_of(given | {"compile": True}, tmp_path / "compiled")
    assert run.session.objective is not run.session.eager
    run.train(lambda line: None)
    for name, tensor in run.session.tensors().items():
        if name.startswith("model."):
            # Adam divides slopes by their size, so roundings of 1e-16 count beside
            # slopes, of which the least that are not 0 are about 1e-8
            assert torch.allclose(tensor, eager[name], rtol=0, atol=1e-8), name
