"""What a person sees in the terminal: the ledger as a table, a chain line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text
from sympy import Expr

from derivations.document.claim import Expected
from derivations.printing import RELATIONS, unicode_math
from verify.evidence import Verdict
from verify.judge import Judgement, StepJudgement
from verify.ledger import Row

COLOURS = {
    Verdict.PROVED: "green",
    Verdict.AGREES: "yellow",
    Verdict.REFUTED: "red",
    Verdict.UNDECIDED: "yellow",
}
MARKS = {
    Verdict.PROVED: "✓",
    Verdict.AGREES: "≈",
    Verdict.REFUTED: "✗",
    Verdict.UNDECIDED: "?",
}
FOUND = {
    Expected.PROVED: "green",
    Expected.PROVED_UNDER: "green",
    Expected.REFUTED: "red",
    Expected.NOTATION: "dim",
    Expected.PROSE: "cyan",
}


def ledger_table(rows: Sequence[Row]) -> Table:
    """One line for each claim: what it says, what was found, and what that rests on."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("id", "found", "claim"):
        table.add_column(name, no_wrap=name != "claim", ratio=5 if name == "claim" else None)
    table.add_column("hypotheses, counterexample or reading", ratio=6)
    table.add_column("s", justify="right", no_wrap=True)
    for row in rows:
        found = str(row.found) if row.found else "undecided"
        verdict = Text(found, style=FOUND.get(row.found, "yellow") if row.found else "yellow")
        if not row.as_expected:
            verdict = Text(f"{found}, NOT AS EXPECTED", style="bold white on red")
        table.add_row(
            row.claim.id,
            verdict,
            Text(row.claim.quotation),
            Text(remark(row)),
            f"{row.seconds:.2f}",
        )
    return table


def remark(row: Row) -> str:
    """What the table says beside a verdict."""
    if row.fault:
        return row.fault
    parts = []
    if row.witness:
        parts.append(f"false at {row.witness}")
    if row.found is not Expected.REFUTED and row.hypotheses:
        parts.append("if " + "; ".join(str(h) for h in row.hypotheses))
    if row.found in (Expected.NOTATION, Expected.PROSE) and row.claim.reading:
        parts.append(row.claim.reading)
    return ". ".join(parts) or row.claim.note


def summary(rows: Sequence[Row], seconds: float, interrupted: bool = False) -> Text:
    """The last line: how many claims of each kind, and whether all are as expected."""
    counts = Counter(str(row.found) if row.found else "undecided" for row in rows)
    unlike = [row.claim.id for row in rows if not row.as_expected]
    parts = ", ".join(f"{n} {kind}" for kind, n in sorted(counts.items()))
    steps = sum(len(j.steps) for row in rows for j in row.judgements)
    end = f"not as expected: {', '.join(unlike)}" if unlike else "all as expected"
    partial = "interrupted, so this is partial: " if interrupted else ""
    return Text(
        f"{partial}{len(rows)} claims, {steps} steps: {parts}; {end}; {seconds:.1f} s",
        style="bold red" if unlike or interrupted else "bold green",
    )


def print_chain(console: Console, judgement: Judgement) -> None:
    """A derivation line by line, each with its rules, verdict, points and seconds."""
    derivation = judgement.derivation
    heading = Text(derivation.name, style="bold")
    heading.append(f"  {judgement.verdict}", style=COLOURS[judgement.verdict])
    console.print(heading)
    if derivation.__doc__:
        console.print(Text(derivation.__doc__.strip().splitlines()[0], style="dim"))
    console.print(Text(f"      {unicode_math(derivation.lhs)}"), soft_wrap=True)
    for found in judgement.steps:
        console.print(chain_line(found), soft_wrap=True)
        console.print(Text(f"        {note(found)}", style="dim"), soft_wrap=True)
    for hypothesis in derivation.hypotheses:
        console.print(Text(f"      under: {hypothesis}", style="cyan"), soft_wrap=True)
    for lemma in judgement.lemmas:
        console.print(Text(f"      cites: {lemma.derivation.name}, {lemma.verdict}", style="dim"))
    if judgement.reason:
        console.print(Text(f"      {judgement.reason}", style="red"), soft_wrap=True)


def chain_line(found: StepJudgement) -> Text:
    """`✓   = ...`, the line of one step."""
    step = found.step
    sign = RELATIONS[step.relation] if isinstance(step.expression, Expr) else "⇔"
    line = Text(f"  {MARKS[found.verdict]}", style=COLOURS[found.verdict])
    line.append(f" {sign} {unicode_math(step.expression)}", style="")
    return line


def note(found: StepJudgement) -> str:
    """What stands in small under a line of a chain."""
    step = found.step
    rules = ", ".join(rule.name for rule in step.rules) or "arithmetic"
    quotation = f"; the document: {step.quotation}" if step.quotation else ""
    return f"{rules}; {found.points} points, {found.seconds:.2f} s{quotation}"


def print_fault(console: Console, file: str, found: StepJudgement) -> None:
    """The first line of somebody's chain that does not stand, with all that is known of it."""
    step = found.step
    cited = ", ".join(rule.name for rule in step.rules) or "none"
    console.print(Text(f"{file}:{step.line}: {found.verdict}: {found.reason}", style="red"), soft_wrap=True)
    console.print(Text(f"    the line above   {unicode_math(found.above)}"), soft_wrap=True)
    sign = RELATIONS[step.relation]
    console.print(Text(f"    this line      {sign} {unicode_math(step.expression)}"), soft_wrap=True)
    console.print(Text(f"    rules cited      {cited}"), soft_wrap=True)
    if found.witness and found.comparison is not None:
        left, right = found.comparison.left, found.comparison.right
        console.print(Text(f"    counterexample   {found.witness}"), soft_wrap=True)
        console.print(Text(f"                     above: {ball(left)}, here: {ball(right)}"))


def ball(value: object) -> str:
    """A ball as a decimal number, or a truth value."""
    return value.str(10, radius=False) if hasattr(value, "str") else str(value)
