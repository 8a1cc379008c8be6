"""What README.md shows is what the commands print today."""

from __future__ import annotations

import re

from derivations.chain import collected
from readme import README, renewed, steady
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
