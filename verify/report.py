"""What a person sees in the terminal: the ledger as a table, a chain line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from verify.mutants import OPERATORS
from verify.plain_words import plain
from verify.planted import Fate, Planted, counts, power
from verify.serialise import Data

COLOURS = {
    "proved": "green",
    "agrees": "yellow",
    "refuted": "red",
    "undecided": "yellow",
}
MARKS = {"proved": "✓", "agrees": "≈", "refuted": "✗", "undecided": "?"}
SIGNS = {"=": "=", "<=": "≤", "iff": "⇔"}
FOUND = {
    "proved": "green",
    "proved under": "green",
    "refuted": "red",
    "notation": "dim",
    "prose": "cyan",
}


def ledger_table(rows: Sequence[Data]) -> Table:
    """One line for each claim: what it says, what was found, and what that rests on."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("id", no_wrap=True)
    table.add_column("found", no_wrap=True)
    table.add_column("the document", ratio=5)
    table.add_column("hypotheses, counterexample or reading", ratio=6)
    table.add_column("s", justify="right", no_wrap=True)
    for row in rows:
        found = row["found"] or "undecided"
        verdict = Text(found, style=FOUND.get(found, "yellow"))
        if not row["as_expected"]:
            verdict = Text(f"{found} (!)", style="bold white on red")
        words = plain(row["quotation"])
        cells = (Text(words), Text(remark(row)), f"{row['seconds']:.2f}")
        table.add_row(row["id"], verdict, *cells)
    return table


def remark(row: Data) -> str:
    """What the table says beside a verdict."""
    if row["fault"]:
        return str(row["fault"])
    parts = []
    if row["values"]:
        place = f" at {row['witness']}" if row["witness"] else ""
        above, here = row["values"]
        parts.append(f"false{place}: {above} against {here}")
    elif row["hypotheses"]:
        parts.append("if " + "; ".join(row["hypotheses"]))
    if row["found"] in ("notation", "prose") and row["reading"]:
        parts.append(row["reading"])
    return ". ".join(parts) or str(row["note"])


def summary(rows: Sequence[Data], seconds: float, interrupted: bool = False) -> Text:
    """The last line: how many claims of each kind, and whether all are as expected."""
    counts = Counter(row["found"] or "undecided" for row in rows)
    unlike = [row["id"] for row in rows if not row["as_expected"]]
    parts = ", ".join(f"{n} {kind}" for kind, n in sorted(counts.items()))
    steps = sum(row["steps"] for row in rows)
    end = f"not as expected: {', '.join(unlike)}" if unlike else "all as expected"
    partial = "interrupted, so this is partial: " if interrupted else ""
    end = "no more is known" if interrupted and not unlike else end
    return Text(
        f"{partial}{len(rows)} claims, {steps} steps: {parts}; {end}; {seconds:.1f} s",
        style="bold red" if unlike or interrupted else "bold green",
    )


def print_chain(console: Console, found: Data) -> None:
    """A derivation line by line, each with its rules, verdict, points and seconds."""
    heading = Text(found["name"], style="bold")
    heading.append(f"  {found['verdict'].upper()}", style=COLOURS[found["verdict"]])
    lines = [heading]
    if found["doc"]:
        lines.append(Text(found["doc"].strip().splitlines()[0], style="dim"))
    lines.append(Text(f"      {found['lhs_unicode']}"))
    for step in found["steps"]:
        lines += [chain_line(step), Text(f"        {note(step)}", style="dim")]
    lines += [Text(f"      under: {h}", style="cyan") for h in found["hypotheses"]]
    lines += [
        Text(f"      cites: {lemma['name']}, {lemma['verdict']}", style="dim")
        for lemma in found["lemmas"]
    ]
    if found["reason"]:
        lines.append(Text(f"      {found['reason']}", style="red"))
    for line in lines:
        console.print(line, soft_wrap=True)


def chain_line(step: Data) -> Text:
    """`✓ = ...`, the line of one step."""
    line = Text(f"  {MARKS[step['verdict']]}", style=COLOURS[step["verdict"]])
    return line.append(f" {SIGNS[step['relation']]} {step['unicode']}", style="")


def note(step: Data) -> str:
    """What stands in small under a line of a chain."""
    rules = ", ".join(step["rules"]) or "arithmetic"
    quotation = f"; as written: {plain(step['quotation'])}" if step["quotation"] else ""
    plural = "" if step["points"] == 1 else "s"
    tried = f"{step['points']} point{plural}, {step['seconds']:.2f} s"
    return f"{rules}; {tried}{quotation}"


def print_fault(console: Console, file: str, step: Data) -> None:
    """The first line of a chain that does not stand, and what is known of it."""
    lines = [
        Text(
            f"{file}:{step['line']}: {step['verdict'].upper()}: {step['reason']}",
            style="red",
        ),
        Text(f"    the line above   {step['above_unicode']}"),
        Text(f"    this line      {SIGNS[step['relation']]} {step['unicode']}"),
        Text(f"    rules cited      {', '.join(step['rules']) or 'none'}"),
    ]
    if step["values"]:
        above, here = step["values"]
        lines.append(
            Text(f"    counterexample   {step['witness'] or 'the numbers themselves'}")
        )
        lines.append(Text(f"                     above: {above}, here: {here}"))
    for line in lines:
        console.print(line, soft_wrap=True)


def print_planted(
    console: Console, planted: Sequence[Planted], interrupted: bool
) -> None:
    """The errors by kind and fate, and every line that is neither refuted nor equal."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("error")
    for fate in Fate:
        table.add_column(fate.value, justify="right")
    found = counts(planted)
    for operator in OPERATORS:
        table.add_row(operator, *(str(found[operator, fate]) for fate in Fate))
    table.add_row("all", *(str(sum(p.fate is fate for p in planted)) for fate in Fate))
    for p in planted:
        if p.fate not in (Fate.REFUTED, Fate.UNDEFINED, Fate.TRUE):
            place = f"{p.derivation}, line {p.line}, {p.operator}"
            detail = f" ({p.reason})" if p.reason else ""
            words = f"{place}: {p.expression}: {p.fate.value}{detail}"
            console.print(Text(words), soft_wrap=True)
    console.print(table)
    if interrupted:
        console.print("interrupted, so this is partial:")
    console.print(
        f"{len(planted)} wrong lines; of the unequal ones {power(planted):.2%} refuted"
    )
