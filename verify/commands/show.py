"""`python -m verify show`: one derivation, or the chains of one claim, line by line."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from derivations.catalogue import catalogue
from verify import report, serialise
from verify.commands.options import Json, Seconds, Seed, unknown
from verify.evidence import Verdict
from verify.judge import SECONDS, Judge
from verify.judgement import Judgement
from verify.ledger import claims, judged
from verify.plain_words import plain
from verify.robustness import right_names


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
    by_id = {claim.id: claim for claim in claims()}
    if name in by_id:
        claim = by_id[name]
        chosen = (*claim.statements, *claim.right, *claim.counterexamples)
    elif name in catalogue():
        claim, chosen = None, (catalogue()[name],)
    else:
        return unknown(name, [*by_id, *catalogue()], "no claim and no derivation")
    if latex:
        print("\n\n".join(derivation.latex() for derivation in chosen))
        return 0
    judge = Judge(seed=seed, seconds=seconds)
    found = [judge(derivation) for derivation in chosen]
    rows = list(judged([claim] if claim else [], judge))
    good = all(row.as_expected for row in rows) if claim else _expected(*found)
    if json:
        data = [serialise.judgement_data(j) for j in found]
        listed = [serialise.row_data(row) for row in rows]
        print(serialise.document("show", good, claims=listed, derivations=data))
        return int(not good)
    out = Console(highlight=False)
    if claim is not None:
        out.print(Text(f"{claim.id}  expected: {claim.expected}", style="bold"))
        out.print(Text(plain(claim.quotation)))
        for words in filter(None, (claim.reading, claim.note)):
            out.print(Text(words, style="cyan"))
    for position, judgement in enumerate(found):
        if position or claim is not None:
            out.print()
        report.print_chain(out, serialise.judgement_data(judgement))
    return int(not good)


def _expected(judgement: Judgement) -> bool:
    """Whether a derivation is proved, or refuted where the document itself is wrong."""
    right = judgement.derivation.name in right_names()
    return judgement.verdict is (Verdict.PROVED if right else Verdict.REFUTED)
