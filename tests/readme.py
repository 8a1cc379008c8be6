"""Print README.md with its console blocks and its table of rules made anew.

    python tests/readme.py > README.new

The test beside it holds README.md to what this prints, figures of time and place apart.
A block that begins with ```console once is a run of minutes, kept as it was printed
(lines left out are [...]): `python tests/readme.py --once` prints those runs anew, and
the test only sees whether there is such a command, with such options.
"""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import tempfile
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"
ONCE = re.compile(r"```console once\n\$ (?P<command>[^\n]*)\n.*?```", re.DOTALL)
CONSOLE = re.compile(r"```console\n\$ (?P<command>[^\n]*)\n.*?```", re.DOTALL)
EXAMPLE = re.compile(
    r"Put this into\n`(?P<name>[^`]*)`[^\n]*\n\n```python\n(?P<text>.*?)```", re.DOTALL
)
REFERENCES = re.compile(r"<!-- references -->.*?(?=\n\nAll losses)", re.DOTALL)
RULES = re.compile(r"<!-- rules -->.*?(?=\n## )", re.DOTALL)
CHANGING = re.compile(r"\d+ points, \d+\.\d+ s|-?\d+\.\d{9,}")
"""Times, and last digits, which a processor may round in its own way."""


def renewed(text: str) -> str:
    """`text` with every console block run again and the rules listed again."""
    with tempfile.TemporaryDirectory() as folder:
        examples = list(EXAMPLE.finditer(text))
        assert examples
        for example in examples:
            path = Path(folder) / example["name"]
            path.write_text(example["text"], encoding="utf-8")
        text = CONSOLE.sub(lambda block: _console(block["command"], folder), text)
    text = REFERENCES.sub(
        lambda _: f"<!-- references -->\n\n{references_table()}", text
    )
    return RULES.sub(lambda _: f"<!-- rules -->\n\n{rules_table()}\n", text)


def steady(text: str) -> str:
    """`text` without the figures that change from run to run."""
    return CHANGING.sub("", text)


def rules_table() -> str:
    """Every rule with the first sentence of what it says of itself."""
    from derivations import rules

    rows = ["| rule | what it does |", "|---|---|"]
    for name in rules.__all__:
        if name == "Rule":
            continue
        rule = getattr(rules, name)
        about = inspect.getdoc(rule if isinstance(rule, type) else type(rule)) or ""
        first = " ".join(about.split("\n\n")[0].split()).replace("|", r"\|")
        rows.append(f"| `{name}` | {first} |")
    return "\n".join(rows)


def references_table() -> str:
    """Every function that can be imported, with its arguments and what it is."""
    import derivations
    from derivations.references.reference import Reference

    rows = ["| function | what it is |", "|---|---|"]
    for name in derivations.__all__:
        found = getattr(derivations, name)
        if isinstance(found, Reference):
            given = inspect.signature(found).parameters.values()
            words = [p.name for p in given if p.kind is p.POSITIONAL_OR_KEYWORD]
            chosen = [p.name for p in given if p.kind is p.KEYWORD_ONLY]
            call = ", ".join((*words, "*", *chosen) if chosen else words)
            about = " ".join((inspect.getdoc(found) or "").split("\n\n")[0].split())
            about = about.replace("|", r"\|")
            rows.append(f"| `{name}({call})` | {about} |")
    return "\n".join(rows)


def run_once(text: str) -> str:
    """The blocks of long runs, run again in one folder, one after the other."""
    commands = [block["command"] for block in ONCE.finditer(text)]
    with tempfile.TemporaryDirectory() as folder:
        return "\n\n".join(_console(command, folder, " once") for command in commands)


def _console(command: str, folder: str, kind: str = "") -> str:
    words = command.split()
    done = subprocess.run(
        [sys.executable, *words[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return f"```console{kind}\n$ {command}\n{done.stdout.rstrip()}\n```"


if __name__ == "__main__":
    page = README.read_text(encoding="utf-8")
    if sys.argv[1:] == ["--once"]:
        print(run_once(page))
    else:
        print(renewed(page), end="")
