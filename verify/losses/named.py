"""A callable by its place, "module:function", and our own references as callables."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from derivations.references.reference import Reference
from verify.losses.convention import Convention


def named(place: str) -> tuple[Callable[..., Any] | None, str]:
    """The callable at `module:function`, or None and why there is none.

    The folder that the process runs in is looked in too. An importing module is
    somebody's code: whatever it raises is a reason.
    """
    module, colon, path = place.partition(":")
    if not colon or not module or not path:
        return None, f"{place!r} has to be module:function"
    sys.path.insert(0, "")
    try:
        found: Any = import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - anybody's module
        return None, f"{place}: {type(error).__name__}: {error}"
    finally:
        sys.path.remove("")
    if not callable(found):
        return None, f"{place} is a {type(found).__name__}, not a function"
    return found, ""


def own_form(function: Callable[..., Any], said: Convention) -> Callable[..., Any]:
    """Our own references called by position, with the reduction that is asked for.

    They take some arguments by keyword only, and "none" is their method `terms`.
    """
    if not isinstance(function, Reference):
        return function
    reference: Any = function

    def called(*arrays: Any) -> Any:
        given = dict(zip(said.inputs, arrays, strict=True))
        if said.reduction == "none":
            return reference.terms(**given)
        value = reference(**given)
        own = said.loss.reductions[0]
        if said.reduction == own:
            return value
        if own == "sum" and said.reduction == "sum_mean":
            return value.mean()
        terms = reference.terms(**given)
        match said.reduction:
            case "sum":
                return terms.sum(-1)
            case "sum_mean":
                return terms.sum(-1).mean()
        return terms.mean()

    return called
