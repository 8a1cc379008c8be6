"""What the commands share: their options, and how they refuse what they are given."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

INTERRUPTED = 130
MISUSE = 2

Json = Annotated[
    bool, Parameter(name="--json", negative="", help="Print JSON, schema lossproof/1.")
]
Seed = Annotated[
    int,
    Parameter(help="Seed of the points that are tried.", validator=Number(gte=0)),
]
Seconds = Annotated[
    float,
    Parameter(help="Time limit of one step, in seconds.", validator=Number(gt=0)),
]
Count = Annotated[int, Parameter(help="How many seeds.", validator=Number(gt=0))]
Each = Annotated[
    int | None,
    Parameter(help="At most so many of one derivation.", validator=Number(gt=0)),
]


def unknown(name: str, names: list[str], what: str) -> int:
    """Say on stderr that `what` has no such name, with the nearest that it has; 2."""
    once = list(dict.fromkeys(names))
    near = get_close_matches(name, once, n=5, cutoff=0.4)
    near = near or get_close_matches(name, once, n=5, cutoff=0.0)
    hint = f"; the nearest: {', '.join(near)}" if near else ""
    return misuse(f"{name}: {what} has this name{hint}")


def misuse(message: str) -> int:
    """Say on stderr what was wrong with the command; 2."""
    print(f"lossproof: {message}", file=sys.stderr)
    return MISUSE
