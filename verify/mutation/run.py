"""The run of all mutants: group after group, each in one process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from verify.budget import Budget
from verify.mutation.catalogue import Group, groups
from verify.mutation.trial import Trial, tried
from verify.parallel import mapped


def chosen(only: str | None = None) -> tuple[Group, ...]:
    """The groups that a name can be in; all of them without one."""
    if only is None:
        return groups()
    return tuple(
        group
        for group in groups()
        if only.startswith(group.name) or group.name.startswith(only)
    )


def trials(
    of: Sequence[Group],
    methods: Sequence[str],
    *,
    only: str | None = None,
    kinds: Sequence[str] | None = None,
    seed: int = 0,
    budget: Budget = Budget.STANDARD,
) -> Iterator[list[Trial]]:
    """The trials of each group, over as many processes as there are cores."""
    work = partial(
        tried_in,
        methods=tuple(methods),
        only=only,
        kinds=kinds,
        seed=seed,
        budget=budget,
    )
    yield from mapped(work, of)


def tried_in(
    group: Group,
    *,
    methods: Sequence[str],
    only: str | None = None,
    kinds: Sequence[str] | None = None,
    seed: int = 0,
    budget: Budget = Budget.STANDARD,
) -> list[Trial]:
    """The trials of one group: of all its mutants, of a class, or below a name."""
    return [
        tried(mutant, methods, seed=seed, budget=budget)
        for mutant in group.mutants()
        if (kinds is None or mutant.kind in kinds)
        and (only is None or below(mutant.name, only))
    ]


def below(name: str, only: str) -> bool:
    """Whether a mutant has the name, or one below it."""
    return f"{name}/".startswith(f"{only.removesuffix('/')}/")
