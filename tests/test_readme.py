"""What README.md shows is what the commands print today."""

from __future__ import annotations

import re

import pytest
from cyclopts import CycloptsError

from derivations.chain import collected
from readme import ONCE, README, renewed, steady
from verify.application import COMMANDS, app
from verify.evidence import Verdict
from verify.judge import Judge


def test_the_readme_shows_what_the_commands_print() -> None:
    text = README.read_text(encoding="utf-8")
    assert steady(text) == steady(renewed(text))


def test_the_second_example_is_proved() -> None:
    blocks = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    (example,) = (block for block in blocks if "at_most" in block)
    with collected() as found:
        exec(compile(example, __file__, "exec"), {})
    assert [Judge()(d).verdict for d in found] == [Verdict.PROVED] * 2


def test_the_commands_of_long_runs_can_be_given() -> None:
    """Not run: their words are understood, which a misspelt option's are not."""
    text = README.read_text(encoding="utf-8")
    lines = [block["command"] for block in ONCE.finditer(text)]
    lines += re.findall(r"`python -m (verify [a-z]+ [^`]*--[^`]*)`", text)
    assert lines
    for line in lines:
        _, words = line.split("verify ", maxsplit=1)
        asked, *_ = app.parse_args(words, exit_on_error=False, print_error=False)
        assert asked is COMMANDS[words.split()[0]], line
    with pytest.raises(CycloptsError, match="--stepz"):
        app.parse_args("train vae --stepz 3", exit_on_error=False, print_error=False)
