"""Which keywords choose a form: exactly one set of them, all that it consists of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def chosen(function: str, given: Mapping[str, Any]) -> str:
    """The one keyword that is given; raises TypeError if it is not exactly one."""
    named = [name for name, value in given.items() if value is not None]
    if len(named) != 1:
        got = " and ".join(named) if named else "none of them"
        raise TypeError(f"{function} needs one of {', '.join(given)}; got {got}")
    return named[0]


def chosen_pair(
    function: str, pairs: Sequence[tuple[str, str]], given: Mapping[str, Any]
) -> tuple[str, str]:
    """The two keywords that are given, of the pairs that belong together.

    Raises TypeError if these are not the two of one pair, and nothing beside.
    """
    named = tuple(name for name, value in given.items() if value is not None)
    for first, second in pairs:
        if named == (first, second):
            return first, second
    needed = ", or ".join(f"{first} and {second}" for first, second in pairs)
    got = " and ".join(named) if named else "none of them"
    raise TypeError(f"{function} needs {needed}; got {got}")
