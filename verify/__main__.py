"""The command line: `python -m verify`, also installed as `lossproof`.

Data goes to stdout, progress to stderr. Exit status 0: everything is as expected; 1: it
is not; 2: misuse; 130: interrupted, and what was printed is partial.
"""

from __future__ import annotations

import sys
import time
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter
from rich.console import Console
from rich.text import Text

from verify import report, serialise
from verify.judge import SECONDS, Conflict, Judge
from verify.parallel import mapped
from verify.progress import watched

app = App(
    name="lossproof",
    help="Find out by machine what is true of the losses of generative models.",
    version_flags=["--version"],
    result_action="return_value",
)
POWER = 0.99
Json = Annotated[
    bool, Parameter(name="--json", negative="", help="Print JSON, schema lossproof/1.")
]
Seed = Annotated[int, Parameter(help="Seed of the points that are tried.")]
Seconds = Annotated[float, Parameter(help="Time limit for one step, in seconds.")]


@app.default
def ledger(*, json: Json = False, seed: Seed = 0, seconds: Seconds = SECONDS) -> int:
    """Judge every claim of the document, and print the ledger."""
    from verify.ledger import claims, judged_in_parallel

    started = time.perf_counter()
    rows: list[report.Data] = []
    interrupted = False
    ids = [claim.id for claim in claims()]
    judged = judged_in_parallel(ids, seed=seed, seconds=seconds)
    try:
        for row in watched(judged, len(ids), "claims"):
            rows.append(row)
    except KeyboardInterrupt:
        interrupted = True
    good = not interrupted and all(row["as_expected"] for row in rows)
    if json:
        print(serialise.document("ledger", good, partial=interrupted, claims=rows))
    else:
        out = Console(highlight=False)
        out.print(report.ledger_table(rows))
        out.print(report.summary(rows, time.perf_counter() - started, interrupted))
    return 130 if interrupted else int(not good)


@app.command
def show(
    name: str,
    /,
    *,
    latex: Annotated[bool, Parameter(negative="")] = False,
    json: Json = False,
    seed: Seed = 0,
    seconds: Seconds = SECONDS,
) -> int:
    """Print a derivation, or the chains of a claim, line by line with its verdicts.

    Parameters
    ----------
    name
        A derivation (gaussian_kl) or the id of a claim (2.03).
    latex
        Print the chain as LaTeX (amsmath, amssymb) instead.
    """
    from derivations.catalogue import catalogue
    from verify.ledger import claims

    by_id = {claim.id: claim for claim in claims()}
    if name in by_id:
        claim = by_id[name]
        chosen = (*claim.statements, *claim.right, *claim.counterexamples)
    elif name in catalogue():
        claim, chosen = None, (catalogue()[name],)
    else:
        return unknown(name, [*by_id, *catalogue()])
    if latex:
        print("\n\n".join(derivation.latex() for derivation in chosen))
        return 0
    judge = Judge(seed=seed, seconds=seconds)
    found = [judge(derivation) for derivation in chosen]
    if json:
        from verify.ledger import judged

        rows = [serialise.row_data(r) for r in judged([claim] if claim else [], judge)]
        data = [serialise.judgement_data(j) for j in found]
        print(serialise.document("show", True, claims=rows, derivations=data))
        return 0
    out = Console(highlight=False)
    if claim is not None:
        out.print(Text(f"{claim.id}  expected: {claim.expected}", style="bold"))
        out.print(Text(report.plain(claim.quotation)))
        for words in filter(None, (claim.reading, claim.note)):
            out.print(Text(words, style="cyan"))
    for position, judgement in enumerate(found):
        if position or claim is not None:
            out.print()
        report.print_chain(out, serialise.judgement_data(judgement))
    return 0


@app.command
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
    from verify.foreign import Fault, examined

    if not file.is_file():
        return misuse(f"{file}: no such file; give a Python file with derivations")
    if seconds <= 0:
        return misuse(f"--seconds {seconds:g}: need a positive time")
    found: list[report.Data] = []
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
    return 130 if interrupted else int(not good)


@app.command
def planted(
    *,
    each: Annotated[
        int | None, Parameter(help="At most so many of one derivation.")
    ] = None,
    json: Json = False,
    seed: Seed = 0,
    seconds: Seconds = 5.0,
) -> int:
    """Plant errors in every line of every derivation, and see whether they are refuted.

    Exit status 1 if fewer than 99 percent of the unequal lines are.
    """
    from verify import planted as errors
    from verify import robustness

    names = robustness.right_names()
    work = partial(robustness.planted, seed=seed, seconds=seconds, each=each)
    found = [
        p
        for group in watched(mapped(work, names), len(names), "derivations")
        for p in group
    ]
    good = errors.power(found) >= POWER
    if json:
        data = [vars(p) | {"fate": p.fate.value} for p in found]
        print(serialise.document("planted", good, planted=data))
    else:
        report.print_planted(Console(highlight=False), found)
    return int(not good)


@app.command
def seeds(*, count: Annotated[int, Parameter(help="How many seeds.")] = 200) -> int:
    """Judge every right derivation under many seeds of the point search: none may refute it."""
    from verify import robustness

    names = robustness.right_names()
    work = partial(robustness.refuting_seeds, count=count)
    found = [
        f
        for group in watched(mapped(work, names), len(names), "derivations")
        for f in group
    ]
    for words in found:
        print(words)
    print(f"{len(names)} derivations under {count} seeds: {len(found)} steps refuted")
    return int(bool(found))


def unknown(name: str, names: list[str]) -> int:
    """Say on stderr that there is no such name, with the nearest that there are; 2."""
    near = get_close_matches(name, names, n=5, cutoff=0.4)
    hint = f"; the nearest: {', '.join(near)}" if near else ""
    return misuse(f"{name}: no claim and no derivation has this name{hint}")


def misuse(message: str) -> int:
    """Say on stderr what was wrong with the command; 2."""
    print(f"lossproof: {message}", file=sys.stderr)
    return 2


def main() -> None:
    """Run the command line and exit with its status."""
    try:
        status = app(exit_on_error=False, print_error=False)
    except CycloptsError as wrong:
        status = misuse(str(wrong))
    except Conflict as conflict:
        print(
            f"lossproof: the judges disagree, which is a fault of this tool: {conflict}",
            file=sys.stderr,
        )
        status = 1
    except KeyboardInterrupt:
        print("lossproof: interrupted", file=sys.stderr)
        status = 130
    sys.exit(status)


if __name__ == "__main__":
    main()
