"""The command line: what it prints where, its exit status, JSON and interruptions."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from verify.serialise import SCHEMA


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "verify", *words],
        capture_output=True,
        text=True,
        timeout=240,  # a backstop: the claims take 30 s of two idle cores
        check=False,
        env=os.environ | environment,
    )


def test_the_ledger_is_as_expected() -> None:
    done = run("--budget", "quick", COLUMNS="120")  # all of it is an environment of tox
    assert done.returncode == 0, done.stdout
    assert re.fullmatch(r"(\w+ \d+/\d+\n)*", done.stderr)  # progress alone
    assert "\x1b[" not in done.stdout  # no colours where there is no terminal
    last = " ".join(done.stdout.splitlines()[-2:])
    assert "all as expected" in last
    assert "k = 1, mu = (0), sigma = (2)" in " ".join(done.stdout.split())


def test_the_ledger_as_json() -> None:
    done = run("--budget", "quick", "--json")
    said = json.loads(done.stdout)
    assert (said["schema"], said["command"]) == (SCHEMA, "ledger")
    assert (said["ok"], said["partial"]) == (True, False)
    assert said["versions"]["sympy"]
    rows = {row["id"]: row for row in said["claims"]}
    assert rows["2.03"]["found"] == "refuted"
    assert rows["2.03"]["values"][0].startswith("0.80685281")
    assert all(row["as_expected"] for row in rows.values())


@pytest.mark.parametrize("name", ["gaussian_kl", "2.03", "1.01"])
def test_a_chain_or_a_claim_is_shown(name: str) -> None:
    done = run("show", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert name in done.stdout


def test_a_chain_as_latex_and_as_json() -> None:
    assert r"\begin{align*}" in run("show", "gaussian_kl", "--latex").stdout
    said = json.loads(run("show", "2.03", "--json").stdout)
    assert said["claims"][0]["id"] == "2.03"
    assert {d["verdict"] for d in said["derivations"]} == {"proved", "refuted"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("show", "gausian_kl"), "the nearest: gaussian_kl"),
        (("show",), "requires an argument"),
        (("shw",), "the nearest: show"),
        (("--seconds", "much"), "unable to convert"),
        (("--seconds", "0"), "Must be > 0"),
        (("--jason",), "Did you mean --json?"),
        (("prove", "."), "is a folder"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else "",
)
def test_misuse_is_named(words: tuple[str, ...], message: str) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupted_run_says_that_it_is_partial() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "verify"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "partial" in stdout or "interrupted" in stderr
    assert "Traceback" not in stderr
