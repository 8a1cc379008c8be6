"""The command that samples: it prints, refuses, stops, and runs under torchrun."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from verify.commands import sample as command
from verify.commands.options import INTERRUPTED, MISUSE
from verify.evidence import Verdict
from verify.losses.loss import LOSSES
from verify.monte_carlo.judge import judged
from verify.monte_carlo.reference import reference

pytest.importorskip("torch")
SOME = 2**13
ROOT = Path(__file__).parent.parent
PATIENCE = 150  # seconds, of two processes that import torch


def test_it_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.sample("gaussian_kl", "bernoulli_nll", draws=SOME) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "2 of 2 agree" in said
    assert "8192" in said
    assert "second derivatives are not looked at" in said


def test_it_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    status = command.sample("gaussian_kl", draws=SOME, framework="torch", json=True)
    said = json.loads(capsys.readouterr().out)
    assert (status, said["ok"], said["partial"]) == (0, True, False)
    (found,) = said["samples"]
    assert found["claim"] == "gaussian_kl(mu, sigma), sum"
    assert (found["verdict"], found["draws"]) == ("agrees", SOME)
    assert (said["framework"], said["processes"]) == ("torch", 1)


def test_what_even_draws_buy_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.sample("gaussian_nll", draws=SOME, gain=True) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "gaussian_nll: errors of 1024 draws are" in said
    assert "times at Sobol's points, which decide nothing" in said


def test_a_refutation_is_named_and_the_status_is_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(name: str, dtype: str) -> Any:
        right = reference(name, dtype)
        twice = lambda *arrays: 2 * right.function(*arrays)  # noqa: E731
        return type(right)("wrong", twice, right.convention, dtype, right.framework)

    monkeypatch.setattr(command, "reference", wrong)
    assert command.sample("gaussian_kl", draws=SOME) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "REFUTED" in said
    assert "the mean over 8192 draws is" in said
    assert "0 of 1 agree" in said


def test_an_undecided_loss_is_no_success() -> None:
    assert command.sample("gaussian_nll", draws=2) == 1


def test_without_names_it_takes_every_loss(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted after three of them, it prints those and says so."""
    taken: list[str] = []

    def counted(candidate: Any, **options: Any) -> Any:
        taken.append(candidate.convention.loss.name)
        if len(taken) > 3:
            raise KeyboardInterrupt
        return judged(candidate, **options)

    monkeypatch.setattr(command, "judged", counted)
    assert command.sample(draws=SOME) == INTERRUPTED
    assert taken == [*LOSSES][:4]
    said = " ".join(capsys.readouterr().out.split())
    assert "interrupted, so this is partial: 3 of 3 agree" in said


@pytest.mark.parametrize(
    ("names", "options", "words"),
    [
        (("gaussian_lk",), {}, "gaussian_kl"),
        ((), {"framework": "jax"}, "numpy, torch"),
        ((), {"device": "tpu"}, "auto, cpu, cuda"),
        ((), {"device": "cuda"}, "needs --framework torch"),
        ((), {"dtype": "int8"}, "float64, float32"),
    ],
)
def test_misuse_is_named(
    names: tuple[str, ...],
    options: dict,
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command.sample(*names, **options) == MISUSE
    assert words in capsys.readouterr().err


def _torchrun() -> list[str]:
    start = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    return [*start, "--nproc-per-node=2", "-m", "verify"]


@pytest.mark.skipif(sys.platform == "win32", reason="gloo and torchrun need a Unix")
@pytest.mark.skipif(
    find_spec("torch.distributed.run") is None, reason="torch has no torchrun"
)
def test_two_processes_say_what_one_says_to_the_last_bit() -> None:
    """The blocks of draws are shared; what is put together is the same number."""
    names = ("gaussian_kl", "multivariate_gaussian_kl")
    options = ["sample", *names, "--draws", str(2**15), "--json"]
    found = subprocess.run(
        [*_torchrun(), *options],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert found.returncode == 0, found.stderr
    said = json.loads(found.stdout)
    assert said["processes"] == 2
    for name, theirs in zip(names, said["samples"], strict=True):
        ours = judged(reference(name), draws=2**15)
        assert ours.verdict is Verdict.AGREES
        for figure in ("share", "in_value", "in_gradient", "compared", "figure"):
            assert theirs[figure] == getattr(ours, figure), (name, figure)


def test_draws_that_are_no_power_of_two_are_rounded_up_and_it_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command.sample("gaussian_kl", draws=5000) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "5000 draws are rounded up to 8192, a power of two" in said
    assert command.sample("gaussian_kl", draws=SOME) == 0
    assert "rounded up" not in capsys.readouterr().out


def test_the_typical_resolution_stands_beside_the_best(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command.sample("gaussian_kl", draws=SOME) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said.count("typically") == 2
    assert said.count("at best") == 2


def test_an_interruption_before_the_first_loss_claims_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(candidate: Any, **options: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "judged", stopped)
    assert command.sample("gaussian_kl", draws=SOME) == INTERRUPTED
    assert "agree" not in capsys.readouterr().out
