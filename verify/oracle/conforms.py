"""Judge anyone's callable by the truth, here or in a process that can be ended."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from verify.budget import Budget
from verify.evidence import Verdict
from verify.isolation import Killed, Message, messages
from verify.losses.named import named
from verify.oracle.comparison import QUANTITIES
from verify.oracle.conformance import Conformance, Quantity
from verify.oracle.judge import judging
from verify.oracle.question import Question, question

SECONDS = 60.0


def conforms(
    fn: Callable[..., Any] | str,
    claim: Any,
    inputs: Sequence[str] | None = None,
    reduction: str | None = None,
    *,
    dtype: Any = "float64",
    framework: str | None = None,
    budget: Budget | str = Budget.STANDARD,
    seed: int = 0,
    seconds: float = SECONDS,
) -> Conformance:
    """Find out whether a callable computes a loss, its gradient and its curvature.

    fn         called with one array for each word of `inputs`, in that order; or
               "module:function", which is called in a process of its own that may take
               `seconds` for a batch, and 6 GiB: a call that hangs, crashes or exits
               is refuted, and nothing of it is left
    claim      which loss: a callable derivation, or its name, "gaussian_kl"
    inputs     what the arguments are, a word each: ("mu", "log_variance"); None for the
               names of fn's parameters, if these are such words, or else the claim's
               own. All have shape (batch, size); both sizes vary
    reduction  what is returned: "none", the terms, (batch, size), and a pair of them
               for a loss of two parts; "sum" over the last axis, (batch,); "mean" over
               everything given, (); "sum_mean", the sum over the last axis and the mean
               over the batch, (); None for the claim's own
    dtype      of the arrays: a name, "float32", or a dtype of torch, NumPy or JAX,
               which chooses the framework too
    framework  torch, numpy or jax, where the dtype is a name; None for torch. NumPy has
               values only
    budget     "standard"; "full" and "hours" try 10 and 300 times as many batches
    seed       of the batches

    AGREES     value, gradient and second derivatives are within 8 unit roundoffs of the
               sizes of what people add up to compute them
    REFUTED    one is not, or the callable raises, returns another shape, type or dtype,
               changes its arguments, or returns two values for the same ones; the
               evidence has the worst input as a program
    UNDECIDED  nothing could be judged

    What is known to be lost near a minimum, and what overflows beyond a logit or
    log-variance of 700 in float64, 80 in float32, is among the `findings`.

    Raises ValueError for a word, a dtype or a module that there is not, with those that
    there are, and TypeError for another kind of thing.

    >>> from verify import conforms
    >>> def kl(mu, log_variance):
    ...     return -(1 + log_variance - mu**2 - log_variance.exp()).sum(-1)
    >>> found = conforms(kl, "gaussian_kl", ("mu", "log_variance"), "sum")
    >>> print(found.verdict, found.value.verdict, found.gradient.verdict)
    REFUTED REFUTED REFUTED
    """
    if seconds <= 0:
        raise ValueError(f"seconds has to be above 0, got {seconds!r}")
    asked = question(claim, inputs, reduction, dtype, framework, budget, seed)
    if isinstance(fn, str):
        *_, found = isolated(fn, asked, seconds=seconds)
        return found
    if not callable(fn):
        raise TypeError(f"fn has to be callable or 'module:function', got {fn!r}")
    title = getattr(fn, "__qualname__", getattr(fn, "name", type(fn).__name__))
    candidate = asked.of(title, fn)
    *_, findings = judging(candidate, seed=asked.seed, budget=asked.budget)
    return findings.evidence(partial=False)


def isolated(
    place: str, asked: Question, *, seconds: float = SECONDS
) -> Iterator[Conformance]:
    """What is known of `module:function` after each batch, from another process.

    The last is whole, or says how the process ended. Raises ValueError where there is
    no such function.
    """
    started = time.perf_counter()
    work = partial(_work, place, asked)
    for message in messages(work, seconds):
        if isinstance(message, Killed):
            quantity = Quantity(Verdict.REFUTED, float("inf"), reason=message.reason)
            yield Conformance(
                place,
                "oracle",
                Verdict.REFUTED,
                message.reason,
                "",
                asked.seed,
                time.perf_counter() - started,
                str(asked),
                dict.fromkeys(QUANTITIES, quantity),
            )
            return
        if message.kind == "absent":
            raise ValueError(message.data)
        if message.kind == "found":
            yield message.data
            if not message.data.partial:
                return


def _work(
    place: str,
    asked: Question,
    say: Callable[[Message], None],
    skip: frozenset[int],
) -> None:
    if skip:  # it was ended before
        return
    say(Message("begin", 0))
    os.dup2(2, 1)  # what it prints is no data of ours
    function, why = named(place)
    if function is None:
        say(Message("absent", 0, why))
        return
    candidate = asked.of(place, function, place)
    findings = None
    for findings in judging(candidate, seed=asked.seed, budget=asked.budget):
        say(Message("found", 0, findings.evidence(partial=True)))
    assert findings is not None
    say(Message("found", 0, findings.evidence(partial=False)))
