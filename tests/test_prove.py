"""`prove FILE.py`: somebody's own derivations, with all mistakes a file can have."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

LIMIT = "8"  # seconds a step: enough for all that ends, on a machine that is busy

HEAD = """\
from sympy import *
from derivations import E, Law, Normal, at_most, derivation, rules
x, m = symbols("x m", real=True)
s = Symbol("s", positive=True)
k = Symbol("k", integer=True, positive=True)
i = Symbol("i", integer=True, positive=True)
mu = IndexedBase("mu", real=True)
@derivation
def right():
    yield E(x**2, Normal(x, m, s))
    yield m**2 + s**2, rules.moments
"""

# what a file holds below HEAD, and what must be said of its line 11 or later
FILES = {
    "a wrong line": (
        "@derivation\ndef wrong():\n    yield E(x**2, Normal(x, m, s))\n"
        "    yield m**2 + s, rules.moments\n",
        [
            "15: REFUTED: false at m = 0, s = 2",
            "above: 4.0",
            "here: 2.0",
            "rules cited      moments",
        ],
    ),
    "a true line without its rule": (
        "@derivation\ndef bare():\n    yield log(s**2)\n    yield 2*log(s)\n",
        ["15: AGREES", "does not follow by arithmetic alone: not proved"],
    ),
    "an exception": (
        "@derivation\ndef raises():\n    yield m\n    yield 1 / 0\n",
        ["15: raises ZeroDivisionError"],
    ),
    "no expression": (
        "@derivation\ndef odd():\n    yield m\n    yield object()\n",
        ["15: yields <object", "need a SymPy expression"],
    ),
    "a symbol from nowhere": (
        "@derivation\ndef lost():\n    yield m\n    yield Symbol('w')\n",
        ["15: w appears from nowhere"],
    ),
    "an index that escapes": (
        "@derivation\ndef lost():\n    yield Sum(mu[i], (i, 1, k))\n"
        "    yield k*mu[i]\n",
        ["15: i stands outside the sum"],
    ),
    "no law": (
        "@derivation\ndef lawless():\n    yield E(x, 3)\n",
        ["14: raises NotALaw"],
    ),
    "a division by zero": (
        "@derivation\ndef zero():\n    yield 1/(sin(m)**2 + cos(m)**2 - 1)\n"
        "    yield 2/(sin(m)**2 + cos(m)**2 - 1)\n",
        ["15: UNDECIDED: undefined at every point", "is zero, and is divided by"],
    ),
    "undefined everywhere": (
        "@derivation\ndef imaginary():\n    yield log(-s)\n"
        "    yield log(-2*s) - log(2)\n",
        ["15: UNDECIDED: undefined at every point"],
    ),
    "a name used twice": (
        "@derivation\ndef right():\n    yield m\n    yield m + 1\n",
        ["15: REFUTED"],
    ),
    "a loop without end": (
        "@derivation\ndef endless():\n    yield m\n    while True: pass\n",
        ["endless does not end: more than 8 s"],
    ),
    "an exit": (
        "@derivation\ndef leaves():\n    import os; os._exit(7); yield\n",
        ["leaves ended its process (exit status 7)"],
    ),
    "a huge expression": (
        "@derivation\ndef huge():\n    yield ((x + s)**2 - m**2)**150\n"
        "    yield (x**2 + 2*x*s + s**2 - m**2)**150, rules.algebra\n",
        ["huge", "stopped after more than 8 s"],
    ),
    "a syntax error": ("def broken(:\n", ["12: is no Python"]),
}


def prove(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "verify", "prove", str(path), *options],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("name", FILES)
def test_a_mistake_is_shown_where_it_stands(name: str, tmp_path: Path) -> None:
    body, expected = FILES[name]
    path = tmp_path / "mine.py"
    path.write_text(HEAD + body, encoding="utf-8")
    done = prove(path, "--seconds", LIMIT)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    for words in expected:
        assert words in done.stdout, done.stdout
    if name != "a syntax error":
        assert "right  PROVED" in done.stdout
        assert str(path) in done.stdout


def test_a_right_file_is_proved(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(HEAD, encoding="utf-8")
    done = prove(path)
    assert done.returncode == 0
    assert "1 of 1 proved" in done.stdout
    assert done.stderr == ""


def test_the_same_as_json(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(
        HEAD + FILES["a wrong line"][0] + FILES["an exception"][0], encoding="utf-8"
    )
    done = prove(path, "--json")
    said = json.loads(done.stdout)
    assert (said["schema"], said["command"], said["ok"]) == (
        "lossproof/1",
        "prove",
        False,
    )
    assert [d["verdict"] for d in said["derivations"]] == ["proved", "refuted"]
    assert said["derivations"][1]["steps"][0]["witness"] == "m = 0, s = 2"
    assert said["faults"][0]["line"] == 19
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no derivation"),
        ("import nonsense_", "ModuleNotFoundError"),
        ("raise SystemExit", "raises SystemExit"),
    ],
    ids=["empty", "does not import", "exits"],
)
def test_a_file_without_derivations_says_so(
    text: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.py"
    path.write_text(text, encoding="utf-8")
    done = prove(path)
    assert done.returncode == 1
    assert message in done.stdout
    assert f"{path}:1" in done.stdout


def test_a_missing_file_is_misuse(tmp_path: Path) -> None:
    done = prove(tmp_path / "none.py")
    assert done.returncode == 2
    assert "no such file" in done.stderr
