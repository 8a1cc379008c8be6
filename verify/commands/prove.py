"""`python -m verify prove`: the derivations of somebody's own file, judged."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from verify import report, serialise
from verify.commands.options import INTERRUPTED, Json, Seconds, Seed, misuse
from verify.foreign import Fault, examined
from verify.judge import SECONDS
from verify.progress import watched


def prove(
    file: Path, /, *, json: Json = False, seed: Seed = 0, seconds: Seconds = SECONDS
) -> int:
    """Judge every derivation that a Python file of yours writes.

    The first line of each that is wrong, or not proved, is named as FILE:LINE.

    Parameters
    ----------
    file
        A Python file with functions under @derivation.
    """
    if file.is_dir():
        return misuse(f"{file}: is a folder; give a Python file with derivations")
    if not file.is_file():
        return misuse(f"{file}: no such file; give a Python file with derivations")
    found: list[serialise.Data] = []
    faults: list[Fault] = []
    interrupted = False
    out = Console(highlight=False, quiet=json)
    try:
        for outcome in watched(
            examined(file, seed=seed, seconds=seconds), None, "derivations"
        ):
            if isinstance(outcome, Fault):
                faults.append(outcome)
                continue
            found.append(outcome)
            report.print_chain(out, outcome)
            for step in [s for s in outcome["steps"] if s["verdict"] != "proved"][:1]:
                report.print_fault(out, str(file), step)
            out.print()
    except KeyboardInterrupt:
        interrupted = True
    for fault in faults:
        out.print(Text(str(fault), style="red"), soft_wrap=True)
    proved = sum(j["verdict"] == "proved" for j in found)
    good = not interrupted and not faults and proved == len(found)
    if json:
        listed = [vars(fault) for fault in faults]
        parts = {"derivations": found, "faults": listed}
        print(serialise.document("prove", good, partial=interrupted, **parts))
    partial = "interrupted, so this is partial: " if interrupted else ""
    out.print(
        Text(f"{partial}{proved} of {len(found) + len(faults)} proved", style="bold")
    )
    return INTERRUPTED if interrupted else int(not good)
