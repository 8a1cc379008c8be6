"""`python -m verify show`: one derivation, or the chains of one claim, line by line."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from derivations.catalogue import catalogue
from verify import report, serialise
from verify.commands.options import Json, Seconds, Seed, unknown
from verify.judge import SECONDS, Judge
from verify.ledger import claims, judged
from verify.plain_words import plain


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
    if json:
        rows = [serialise.row_data(r) for r in judged([claim] if claim else [], judge)]
        data = [serialise.judgement_data(j) for j in found]
        print(serialise.document("show", True, claims=rows, derivations=data))
        return 0
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
    return 0
