"""All mutants, in one order: those made by machine, and the named near misses.

How many of each class are made of a right way to write a loss stands in a table: every
one of the structural changes of the losses that the document has, an even share of the
rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TypeVar

from verify.losses.loss import LOSSES
from verify.mutation.mutant import Mutant
from verify.mutation.subjects import LOGS, STABLE, TEXTBOOK, Subject, subject

NEAR_MISS, RIGHT = "near miss", "right"
"""The classes that no machine makes: errors of people, and what is no error."""
GOLDEN = (5**0.5 - 1) / 2  # multiples of it are spread evenly over [0, 1)
Item = TypeVar("Item")


@dataclass(frozen=True)
class Row:
    """A right way to write a loss, and how many mutants of a class are made of it.

    each  at most so many of each class
    """

    loss: str
    form: str
    inputs: tuple[str, ...] | None
    reduction: str
    each: int
    dtype: str = "float64"

    @property
    def parts(self) -> int:
        """How many groups its mutants are."""
        return 1 + self.each // 2

    def subject(self) -> Subject:
        """The right one."""
        return subject(
            self.loss,
            form=self.form,
            inputs=self.inputs,
            reduction=self.reduction,
            dtype=self.dtype,
        )


KL, BETWEEN, NLL = "gaussian_kl", "gaussian_kl_between", "gaussian_nll"
SATURATING, NONSATURATING = "saturating_generator_loss", "nonsaturating_generator_loss"
DISCRIMINATOR = "discriminator_loss"
PLAN = (
    Row(KL, TEXTBOOK, ("mu", "log_variance"), "sum", 10),
    Row(KL, TEXTBOOK, ("mu", "sigma"), "sum", 3),
    Row(KL, STABLE, ("mu", "variance"), "sum_mean", 1),
    Row(KL, STABLE, ("mu", "log_sigma"), "mean", 1),
    Row(KL, STABLE, ("mu", "log_variance"), "none", 1),
    Row(SATURATING, STABLE, None, "mean", 2),
    Row(SATURATING, LOGS, None, "sum_mean", 1),
    Row(NONSATURATING, LOGS, None, "mean", 3),
    Row(NONSATURATING, STABLE, None, "sum", 1),
    Row(DISCRIMINATOR, STABLE, None, "mean", 2),
    Row(DISCRIMINATOR, LOGS, None, "none", 1),
    Row(BETWEEN, LOGS, ("mu1", "mu2", "sigma1", "sigma2"), "sum", 1),
    Row(BETWEEN, LOGS, ("mu1", "mu2", "variance1", "variance2"), "mean", 1),
    Row(BETWEEN, STABLE, ("mu1", "mu2", "log_variance1", "log_variance2"), "sum", 1),
    Row("bernoulli_nll", STABLE, None, "sum_mean", 1),
    Row(NLL, STABLE, ("mean", "target", "sigma"), "sum", 1),
    Row(NLL, STABLE, ("mean", "target", "variance"), "sum_mean", 1),
    Row(NLL, STABLE, ("mean", "target", "log_variance"), "none", 1),
    Row("bernoulli_elbo", STABLE, ("logits", "target", "mu", "log_variance"), "sum", 1),
    Row(
        "gaussian_elbo",
        STABLE,
        ("mean", "target", "mu", "decoder_sigma", "sigma"),
        "sum_mean",
        1,
    ),
    Row(KL, TEXTBOOK, ("mu", "log_variance"), "sum", 1, "float32"),
    Row(NONSATURATING, STABLE, None, "mean", 1, "float32"),
)


@dataclass(frozen=True)
class Group:
    """Mutants of one loss, which share what a method computes once.

    name  how their names begin
    row   of the plan; None for the near misses of a loss
    part  which of the parts of the row: a long one is no single piece of work
    """

    name: str
    row: int | None
    part: int = 0

    def mutants(self) -> tuple[Mutant, ...]:
        """All of them; the right one is before the first of a row."""
        if self.row is None:
            loss = self.name.partition("/")[0]
            found = import_module("verify.mutation.torch_near_misses")
            return found.near_misses(loss, NEAR_MISS)
        whole = (right(self.row), *made(self.row))
        return whole[self.part :: PLAN[self.row].parts]


def groups() -> tuple[Group, ...]:
    """All of them, in the order of the plan; the near misses last."""
    by_machine = (
        Group(row.subject().name, number, part)
        for number, row in enumerate(PLAN)
        for part in range(row.parts)
    )
    by_people = (Group(f"{loss}/{NEAR_MISS}", None) for loss in LOSSES)
    return (*by_machine, *by_people)


def mutants() -> tuple[Mutant, ...]:
    """Every wrong one; names are the same in every run."""
    return tuple(m for group in groups() for m in group.mutants() if m.kind != RIGHT)


@cache
def made(row: int) -> tuple[Mutant, ...]:
    """Those that the machine makes of one row of the plan."""
    making = import_module("verify.mutation.torch_mutants")
    subject_of_row, each = PLAN[row].subject(), PLAN[row].each
    found: list[Mutant] = []
    for number, kind in enumerate(making.KINDS):
        most = each if kind in making.EXPRESSIONS else max(each // 3, 1)
        if each > 1 or kind in making.EXPRESSIONS or (number + row) % 3 == 0:
            found += _share([*making.of(subject_of_row, kind)], most, row)
    return tuple(found)


def right(row: int) -> Mutant:
    """A row itself, unchanged: whoever refutes it cries wolf."""
    making = import_module("verify.mutation.torch_mutants")
    return making.right(PLAN[row].subject(), RIGHT)


def kinds() -> tuple[str, ...]:
    """The classes, in the order of the matrix."""
    making = import_module("verify.mutation.torch_mutants")
    return (*making.KINDS, NEAR_MISS, RIGHT)


def _share(items: Sequence[Item], most: int, turn: int) -> Iterator[Item]:
    """So many of them at most, evenly chosen; others in another turn."""
    if len(items) <= most:
        yield from items
        return
    offset = turn * GOLDEN % 1.0
    for number in range(most):
        yield items[int((number + offset) * len(items) / most)]
