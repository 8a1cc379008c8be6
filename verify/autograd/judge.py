"""Judge a callable by the definition, differentiated by torch."""

from __future__ import annotations

import time
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from verify.budget import Budget
from verify.evidence import Evidence, Verdict
from verify.losses.candidate import Candidate
from verify.losses.convention import Convention

DTYPES = ("float64", "float32")
"""Bounds of first order in the roundoff say something in these."""


def cannot(convention: Convention) -> str:
    """Why there is nothing to differentiate; empty, as every loss has a definition."""
    return ""


def not_judged(candidate: Candidate) -> str:
    """Why torch cannot differentiate a callable; empty if it can."""
    if candidate.framework == "numpy":
        return "NumPy has no gradients"
    if candidate.framework != "torch":
        return f"{candidate.framework} arrays have no place in torch's graph"
    if candidate.dtype not in DTYPES:
        return f"{candidate.dtype} rounds too much for a bound of first order"
    if find_spec("torch") is None:
        return "torch is not installed"
    return ""


def judged(
    candidate: Candidate, *, seed: int = 0, budget: Budget = Budget.STANDARD
) -> Evidence:
    """Compare its value and derivatives with those of the definition.

    AGREES     all differ by no more than rounding explains, and the candidate's value
               has the Taylor expansion that its derivatives say; what it lacks (forward
               mode, double backward) is in the figure
    REFUTED    one does not, or it did not compute: the figure says which and where
    UNDECIDED  it cannot be differentiated by torch, or rounding explains everything
    """
    started = time.perf_counter()
    verdict, seen = Verdict.UNDECIDED, ""
    if not (figure := not_judged(candidate)):
        torch = import_module("verify.autograd.torch_judgement")
        with np.errstate(all="ignore"):  # a candidate's inf and nan are compared too
            verdict, figure, seen = torch.judgement(candidate, seed, budget)
    seconds = time.perf_counter() - started
    return Evidence(candidate.name, "autograd", verdict, figure, seen, seed, seconds)
