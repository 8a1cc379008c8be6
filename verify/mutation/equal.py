"""Which mutants are right after all: by proof alone, never by numbers.

Right and wrong terms are unfolded, their logarithms of positive products taken apart,
and their difference brought to zero by arithmetic: `verify.proof`. A change that is no
expression's (an axis, a clamp, a gradient) is never proved to be none.
"""

from __future__ import annotations

from derivations import rules
from derivations.line import Step
from verify.mutation.marks import Mark
from verify.mutation.mutant import Mutant
from verify.proof import proves

LICENSED = (rules.definition, rules.logarithms)


def proved_right(mutant: Mutant) -> bool:
    """Whether every wrong term is proved to equal the right one."""
    if mutant.change is None:
        return False
    return all(
        before == after
        or (not after.has(Mark) and proves(before, Step(after, "=", LICENSED, 0)))
        for before, after in zip(*mutant.change, strict=True)
    )
