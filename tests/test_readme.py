"""What README.md shows is what the commands print today."""

from __future__ import annotations

from readme import README, renewed, steady


def test_the_readme_shows_what_the_commands_print() -> None:
    text = README.read_text(encoding="utf-8")
    assert steady(text) == steady(renewed(text))
