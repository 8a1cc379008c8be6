"""`python -m verify known`: models that have to arrive at what is known exactly."""

from __future__ import annotations

import os
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.text import Text

from verify import serialise
from verify.commands.options import INTERRUPTED, Json, misuse
from verify.evidence import Evidence, Verdict
from verify.progress import gathered

STEPS = 1000


def known(
    *,
    steps: Annotated[int, Parameter(validator=Number(gt=0))] = STEPS,
    json: Json = False,
    seed: Annotated[int, Parameter(validator=Number(gte=0))] = 0,
) -> int:
    """Train models whose optimum is known, and see whether they arrive there.

    A discriminator between two normal laws, and the gradient of the generator before
    it; bounds by importance weights; a linear VAE on the digits of scikit-learn. Exit
    status 1 if one does not arrive within its computed distance.

    Parameters
    ----------
    steps
        The most steps of each training, by L-BFGS and, of the VAE, then by Newton.
    seed
        Of the draws and the first weights.
    """
    for package in ("torch", "sklearn"):
        if find_spec(package) is None:
            return misuse(
                f'{package} is not installed: pip install "lossproof[models]"'
            )
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # the models are small
    checks = import_module("verify.known_answers.torch_checks")
    found, interrupted = gathered(checks.checks(steps, seed), checks.COUNT, "answers")
    good = not interrupted and all(one.verdict is Verdict.AGREES for one in found)
    if json:
        data = [one.as_data() for one in found]
        print(serialise.document("known", good, partial=interrupted, evidence=data))
    else:
        _show(found, interrupted)
    return INTERRUPTED if interrupted else int(not good)


def _show(found: list[Evidence], interrupted: bool) -> None:
    out = Console(highlight=False)
    for one in found:
        style = "" if one.verdict is Verdict.AGREES else "red"
        out.print(
            Text(f"{one.verdict}  {one.claim}  ({one.seconds:.1f} s)", style=style),
            soft_wrap=True,
        )
        out.print(Text(f"    {one.figure}"), soft_wrap=True)
        out.print(Text(f"    would have seen {one.resolution}"), soft_wrap=True)
    good = sum(one.verdict is Verdict.AGREES for one in found)
    if any(one.verdict is Verdict.UNDECIDED for one in found):
        out.print(Text("undecided: within more --steps training may end"))
    partly = "interrupted, so this is partial: " if interrupted else ""
    out.print(Text(f"{partly}{good} of {len(found)} agree", style="bold"))
