"""What is asked of a callable, before anybody has looked at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from verify.accuracy.formats import FORMATS
from verify.budget import Budget
from verify.losses.candidate import FRAMEWORKS, Candidate
from verify.losses.convention import Convention, convention
from verify.losses.named import by_parameters, own_form


@dataclass(frozen=True)
class Question:
    """A loss and how it is called, what it is called with, and how long.

    said       the convention
    by_name    the names of the callable's parameters go before the convention's words,
               where they are such words
    dtype      of the arrays: a key of FORMATS
    framework  whose arrays: torch, numpy or jax
    """

    said: Convention
    by_name: bool
    dtype: str
    framework: str
    budget: Budget
    seed: int

    def __str__(self) -> str:
        return f"{self.said}, {self.dtype}, {self.framework}"

    def of(self, title: str, fn: Callable[..., Any], place: str = "") -> Candidate:
        """The callable as what is judged.

        title  what reports call it
        place  "module:function", where it has one to be imported from
        """
        said = by_parameters(fn, self.said) if self.by_name else self.said
        own = own_form(fn, said)
        return Candidate(title, own, said, self.dtype, self.framework, place)


def question(
    claim: Any,
    inputs: Sequence[str] | None,
    reduction: str | None,
    dtype: Any,
    framework: str | None,
    budget: Budget | str,
    seed: int,
) -> Question:
    """What `conforms` was asked, in words that there are; ValueError for another."""
    if not isinstance(seed, int) or seed < 0:
        raise ValueError(f"seed has to be a whole number, 0 or more, got {seed!r}")
    said = convention(claim, inputs, reduction)
    name, kind = _kind(dtype, framework)
    spending = budget if isinstance(budget, Budget) else _budget(budget)
    return Question(said, inputs is None, name, kind, spending, seed)


def _kind(dtype: Any, framework: str | None) -> tuple[str, str]:
    """The names of a dtype and of the framework; ValueError if there are no such."""
    name, own = dtype, None
    if not isinstance(dtype, str):
        name = str(getattr(dtype, "__name__", dtype)).split(".")[-1]
        module = type(dtype).__module__.split(".")[0]
        own = module if module in FRAMEWORKS else "numpy"
    if name not in FORMATS:
        raise ValueError(
            f"{name!r} is no dtype to judge; it can be {', '.join(FORMATS)}"
        )
    chosen = framework or own or FRAMEWORKS[0]
    if chosen not in FRAMEWORKS:
        choices = ", ".join(FRAMEWORKS)
        raise ValueError(f"{chosen!r} is no framework; it can be {choices}")
    if (chosen, name) == ("numpy", "bfloat16"):
        raise ValueError("NumPy has no bfloat16; it can be float64, float32, float16")
    return name, chosen


def _budget(word: str) -> Budget:
    try:
        return Budget(word)
    except ValueError:
        choices = ", ".join(b.value for b in Budget)
        raise ValueError(f"{word!r} is no budget; it can be {choices}") from None
