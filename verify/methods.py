"""The methods that judge a callable, each in a module of its own, imported when asked.

Every such module has `judged(candidate, *, seed, budget)`, which returns Evidence, and
`cannot(convention)`, which says why it has nothing to say, or "".
"""

from __future__ import annotations

from importlib import import_module

from verify.budget import Budget
from verify.evidence import Evidence
from verify.losses.candidate import Candidate
from verify.losses.convention import Convention

METHODS = {
    "oracle": "verify.oracle.judge",
    "monte_carlo": "verify.monte_carlo.judge",
    "autograd": "verify.autograd.judge",
    "peers": "verify.peers.judge",
}
"""By name: where each method judges."""
JUDGES = {
    "value": ("oracle", "monte_carlo", "autograd", "peers"),
    "gradient": ("oracle", "monte_carlo", "autograd", "peers"),
    "second": ("oracle", "autograd"),
}
"""Which methods look at values, at gradients and at second derivatives."""


def cannot(method: str, convention: Convention) -> str:
    """Why a method has nothing to say of a convention; "" if it has something."""
    return import_module(METHODS[method]).cannot(convention)


def judged(
    method: str,
    candidate: Candidate,
    *,
    seed: int = 0,
    budget: Budget = Budget.STANDARD,
    whole: bool = True,
) -> Evidence:
    """What one method alone finds.

    whole  False lets the oracle end at the first batch that refutes
    """
    module = import_module(METHODS[method])
    options = {} if whole or method != "oracle" else {"whole": False}
    return module.judged(candidate, seed=seed, budget=budget, **options)
