"""Judging anyone's callable: its convention, and everything that it can do wrong."""

from __future__ import annotations

import math
import subprocess
import sys
import time
from typing import Any

import numpy as np
import pytest

import derivations
from derivations.backends.between import RemainderBetween
from verify import conforms
from verify.evidence import Verdict
from verify.losses.convention import convention
from verify.losses.loss import LOSSES
from verify.oracle.conformance import Conformance

torch = pytest.importorskip("torch")
KL = ("gaussian_kl", ("mu", "log_variance"), "sum")


def kl(mu, t):
    return (mu**2 + t.exp() - 1 - t).sum(-1) / 2


OURS = [
    (name, reduction)
    for name, loss in LOSSES.items()
    for reduction in loss.reductions
    if loss.separable
]


@pytest.mark.parametrize(("name", "reduction"), OURS)
def test_our_own_references_conform(name: str, reduction: str) -> None:
    found = conforms(getattr(derivations, name), name, reduction=reduction)
    assert found.verdict is Verdict.AGREES, found.figure
    assert not wrong_beyond(found)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("name", ["gaussian_kl", "discriminator_loss"])
def test_our_own_references_conform_in_every_dtype(name: str, dtype: str) -> None:
    found = conforms(getattr(derivations, name), name, dtype=dtype)
    assert found.verdict is Verdict.AGREES, found.figure
    assert not wrong_beyond(found)


def wrong_beyond(found: Conformance) -> list[str]:
    """Errors beyond the range that are not overflow: none of ours may have any."""
    return [line for line in found.findings if "is wrong beyond" in line]


BETWEEN = "gaussian_kl_between"


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("scale", ["sigma", "variance"])
def test_a_rest_that_is_not_due_is_seen_in_sixteen_bits(
    scale: str, dtype: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It made the divergence 1 nat too large where a ratio of scales is below 2^-25."""
    words = ("mu1", f"{scale}1", "mu2", f"{scale}2")

    def seen() -> Conformance:
        reference = getattr(derivations, BETWEEN)
        return conforms(reference, BETWEEN, words, "none", dtype=dtype, seed=seed)

    found = seen()
    assert found.verdict is Verdict.AGREES, found.figure
    assert not wrong_beyond(found)
    right = RemainderBetween.psi

    def before(self: Any, c: float = 1.0) -> Any:
        kit, v, x = self.kit, self.ratio, self.less_one.main
        moved = kit.settled(v - 1.0)
        uneven = (moved - x) + (v - (moved + 1.0))
        small = v < kit.precision.near_one[0] / 2
        return right(self, c) + c * kit.where(small, uneven / v, 0.0)

    monkeypatch.setattr(RemainderBetween, "psi", before)
    found = seen()
    assert wrong_beyond(found) or found.verdict is Verdict.REFUTED


@pytest.mark.parametrize("scale", ["sigma", "variance", "log_variance", "log_sigma"])
def test_every_word_means_what_it_says(scale: str) -> None:
    """A function of one word is wrong under each of the others."""
    for other in ("sigma", "variance", "log_variance", "log_sigma"):
        found = conforms(
            lambda mu, s: derivations.gaussian_kl(mu, **{scale: s}),
            "gaussian_kl",
            ("mu", other),
        )
        assert (found.verdict is Verdict.AGREES) == (scale == other)


def test_arguments_may_stand_in_any_order() -> None:
    found = conforms(lambda t, mu: kl(mu, t), "gaussian_kl", ("log_variance", "mu"))
    assert found.verdict is Verdict.AGREES
    assert (
        conforms(kl, "gaussian_kl", ("log_variance", "mu")).verdict is Verdict.REFUTED
    )


def test_a_claim_may_be_the_derivation_itself() -> None:
    said = (derivations.gaussian_kl, *KL[1:])
    assert conforms(kl, *said).verdict is Verdict.AGREES


def test_numpy_and_jax_are_judged_in_their_own_arrays() -> None:
    def line(mu, t):
        return (mu**2 + np.exp(t) - 1 - t).sum(-1) / 2

    found = conforms(line, *KL, dtype=np.float64)
    assert found.verdict is Verdict.AGREES
    assert found.gradient.verdict is Verdict.UNDECIDED
    jax = pytest.importorskip("jax")
    found = conforms(
        lambda mu, t: (mu**2 + jax.numpy.exp(t) - 1 - t).sum(-1) / 2,
        *KL,
        framework="jax",
    )
    assert found.second.verdict is Verdict.AGREES, found.figure


def calls(function):
    """The loss with something done beside it."""

    def loss(mu, t):
        found = kl(mu, t)
        return function(found, mu, t)

    return loss


def write(found, mu, t):
    with torch.no_grad():
        t.mul_(0.5)
    return found


def drift(found, mu, t, count=[0]):  # noqa: B006 (it remembers)
    count[0] += 1
    return found * (1 + 1e-9 * (count[0] % 2))


FAULTS = {
    "raises RuntimeError: no luck": lambda f, mu, t: (_ for _ in ()).throw(
        RuntimeError("no\nluck")
    ),
    "returns a tuple of 2": lambda f, mu, t: (f, f),
    "returns ndarray, not a tensor": lambda f, mu, t: f.detach().numpy(),
    "returns shape (1, 1), not (1,)": lambda f, mu, t: f[:, None],
    "returns torch.float32 for torch.float64": lambda f, mu, t: f.float(),
    "changes what it was given": write,
    "returns two values for the same arrays": drift,
    "its result has no gradient": lambda f, mu, t: f.detach(),
    "is nan, should be": lambda f, mu, t: f * math.nan,
}


@pytest.mark.parametrize("says", FAULTS)
def test_what_a_callable_does_wrong_is_its_verdict(says: str) -> None:
    found = conforms(calls(FAULTS[says]), *KL)
    assert found.verdict is Verdict.REFUTED
    assert says in found.figure or says in str(found.gradient)


def scribble(mu, t):
    found = (mu**2 + np.exp(t) - 1 - t).sum(-1) / 2
    mu *= 2
    return found


class _Writing(torch.autograd.Function):
    @staticmethod
    def forward(ctx, mu, t):
        ctx.save_for_backward(mu, t)
        return kl(mu, t)

    @staticmethod
    def backward(ctx, g):
        mu, t = ctx.saved_tensors
        g.data.mul_(2.0)
        return g[:, None] / 2 * mu, g[:, None] / 2 * (t.exp() - 1) / 2


def no_grad_for_ever(mu, t):
    found = kl(mu, t)
    torch.set_grad_enabled(False)
    return found


@pytest.mark.parametrize("function", [scribble, _Writing.apply, no_grad_for_ever])
def test_what_one_callable_spoils_is_whole_for_the_next(function) -> None:
    assert conforms(kl, *KL).verdict is Verdict.AGREES
    conforms(function, *KL, framework="numpy" if function is scribble else "torch")
    assert conforms(kl, *KL).verdict is Verdict.AGREES


class _Once(torch.autograd.Function):
    @staticmethod
    def forward(ctx, mu, t):
        ctx.save_for_backward(mu, t)
        return kl(mu, t)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, g):
        mu, t = ctx.saved_tensors
        return g[:, None] * mu, g[:, None] * (t.exp() - 1) / 2


def test_what_cannot_be_differentiated_twice_is_not_wrong() -> None:
    found = conforms(_Once.apply, *KL)
    assert found.verdict is Verdict.AGREES
    assert found.second.verdict is Verdict.UNDECIDED
    assert "raises" in found.second.reason


ELSEWHERE = {
    "a clamp at 90": lambda mu, t: kl(mu, t.clamp(-90, 90)),
    "a clamp at 600": lambda mu, t: kl(mu, t.clamp(-600, 600)),
    "a large mean": lambda mu, t: kl(mu.clamp(-2e6, 2e6), t),
    "exactly 1": lambda mu, t: kl(torch.where(mu == 1, 1.1 * mu, mu), t),
    "a size of 4": lambda mu, t: kl(mu, t) * (2 if mu.shape[1] == 4 else 1),
    "a size of 33": lambda mu, t: kl(mu, t) * (2 if mu.shape[1] > 20 else 1),
    "a batch of 6": lambda mu, t: kl(mu, t) * (2 if len(mu) == 6 else 1),
    "a batch of 130": lambda mu, t: kl(mu, t) * (2 if len(mu) == 130 else 1),
    "near 0.1": lambda mu, t: kl(mu, torch.where((t > 0.05) & (t < 0.1), t * 1.01, t)),
    "without gradients": lambda mu, t: kl(mu, t) * (1 + 0.1 * (not mu.requires_grad)),
    "a tiny variance": lambda mu, t: (
        (mu**2 + t.exp() - 1 - (t.exp() + 1e-60).log()).sum(-1) / 2
    ),
}


@pytest.mark.parametrize("where", ELSEWHERE)
def test_an_error_in_a_corner_is_found(where: str) -> None:
    assert conforms(ELSEWHERE[where], *KL).verdict is Verdict.REFUTED


def test_a_full_covariance_is_judged_at_larger_sizes() -> None:
    right = derivations.multivariate_gaussian_kl
    found = conforms(
        lambda a, b, c, d: right(a, b, c, d) * (2 if a.shape[1] > 3 else 1),
        "multivariate_gaussian_kl",
    )
    assert found.verdict is Verdict.REFUTED
    found = conforms(right, "multivariate_gaussian_kl")
    assert found.verdict is Verdict.AGREES
    assert "whole vectors" in found.second.reason


def test_words_are_taken_from_the_names_of_the_parameters() -> None:
    def line(mu, log_variance):
        return kl(mu, log_variance)

    found = conforms(line, "gaussian_kl")
    assert found.verdict is Verdict.AGREES
    assert "gaussian_kl(mu, log_variance), sum, float64, torch" in str(found)


def test_someone_elses_derivation_of_that_name_is_no_claim() -> None:
    class Other:
        name = "gaussian_kl"

    with pytest.raises(ValueError, match="not a claim"):
        conforms(kl, Other())


def test_value_and_gradient_are_judged_apart() -> None:
    found = conforms(lambda mu, t: kl(mu, t).detach() + 0 * kl(mu, t), *KL)
    assert found.value.verdict is Verdict.AGREES
    assert found.gradient.verdict is Verdict.REFUTED


SHOWN = {
    "the value": lambda mu, t: 2 * kl(mu, t),
    "the gradient": lambda mu, t: kl(mu, t.detach()),
}


@pytest.mark.parametrize("what", SHOWN)
def test_the_snippet_shows_the_error(what: str) -> None:
    found = conforms(SHOWN[what], *KL)
    printed: list = []
    exec(found.snippet, {"fn": SHOWN[what], "print": printed.append})
    said = f"# {what} "
    assert said in found.snippet
    assert f"is {printed[0].item()!r}, should be" in found.snippet


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"claim": "gausian_kl"}, "nearest: gaussian_kl"),
        ({"inputs": ("mu", "logvar")}, "nearest: log_variance"),
        ({"inputs": ("mu",)}, "once in its inputs, got mu"),
        ({"inputs": ("mu", "mu", "sigma")}, "mu once"),
        ({"inputs": "mu"}, "sequence of words"),
        ({"reduction": "total"}, "none, sum|sum, none"),
        ({"dtype": "float8"}, "float64, float32"),
        ({"framework": "mxnet"}, "torch, numpy, jax"),
        ({"budget": "lots"}, "quick, standard, full, hours"),
        ({"fn": 3}, "callable"),
        ({"fn": "no_such_module:loss"}, "ModuleNotFoundError"),
        ({"fn": "just_a_name"}, "module:function"),
        ({"fn": "math:pi"}, "not a function"),
        ({"fn": "losses.py:kl"}, "write losses:kl"),
        ({"seed": -1}, "seed has to be a whole number"),
        ({"seconds": 0}, "above 0"),
        ({"inputs": 5}, "sequence of words"),
        ({"dtype": "bfloat16", "framework": "numpy"}, "NumPy has no bfloat16"),
    ],
)
def test_nonsense_is_refused_with_the_choices(given: dict, says: str) -> None:
    whole = {"fn": kl, "claim": "gaussian_kl"} | given
    with pytest.raises((ValueError, TypeError), match=says):
        conforms(**whole)


def test_a_convention_says_what_it_is() -> None:
    assert str(convention("gaussian_kl")) == "gaussian_kl(mu, sigma), sum"


MODULE = """
import ctypes, os, sys, time

def right(mu, t):
    return (mu**2 + t.exp() - 1 - t).sum(-1) / 2

def hangs(mu, t):
    time.sleep(600)

def exits(mu, t):
    os._exit(3)

def leaves(mu, t):
    sys.exit("enough")

def crashes(mu, t):
    ctypes.string_at(0)

def hoards(mu, t):
    kept = []
    while True:
        kept.append(bytearray(10**9))
"""


@pytest.mark.parametrize(
    ("function", "says"),
    [
        ("right", "errors of at most"),
        ("hangs", "did not answer"),
        ("exits", "exit status 3"),
        ("leaves", "SystemExit: enough"),
        ("crashes", "exit status"),
        ("hoards", "MemoryError"),
    ],
)
def test_a_callable_in_another_process_cannot_take_this_one_along(
    function: str, says: str, tmp_path, monkeypatch
) -> None:
    (tmp_path / "somebody.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    started = time.perf_counter()
    seconds = 2 if function == "hangs" else 40
    found = conforms(f"somebody:{function}", *KL, seconds=seconds)
    assert says in found.figure
    assert (found.verdict is Verdict.AGREES) == (function == "right")
    assert time.perf_counter() - started < 90


SCRIPT = """
from verify import conforms
print("begun")
print(conforms("somebody:right", "gaussian_kl", ("mu", "log_variance")).verdict)
"""


def test_a_script_without_a_guard_is_not_run_twice(tmp_path) -> None:
    (tmp_path / "somebody.py").write_text(MODULE)
    (tmp_path / "script.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.split() == ["begun", "AGREES"], done.stderr


def test_the_command_says_the_same(tmp_path) -> None:
    (tmp_path / "somebody.py").write_text(MODULE)
    command = [
        sys.executable,
        "-m",
        "verify",
        "conforms",
        "somebody:right",
        "gaussian_kl",
    ]
    options = ["--inputs", "mu", "log_variance"]
    done = subprocess.run(
        [*command, *options], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("AGREES  somebody:right")
    done = subprocess.run(
        [*command, "--inputs", "mu", "sigma", "--json"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert '"refuted"' in done.stdout
