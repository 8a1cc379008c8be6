"""A callable by its place, "module:function", and our own references as callables."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from inspect import signature
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
    if module.endswith(".py"):
        return None, f"{place}: write {module[:-3]}:{path}, the module's name"
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
        return None, f"{place} is of type {type(found).__name__}, not a function"
    return found, ""


def by_parameters(function: Callable[..., Any], said: Convention) -> Convention:
    """The convention whose words are the names of the function's parameters.

    The given one, where these are other names, or do not fill each role once.
    """
    if isinstance(function, Reference):
        return said
    try:
        given = signature(function).parameters.values()
    except (TypeError, ValueError):  # it tells none
        return said
    words = [p.name for p in given if p.default is p.empty]
    roles = [said.loss.roles.get(word) for word in words]
    if sorted(map(str, roles)) != sorted(said.loss.words):
        return said
    return replace(said, inputs=tuple(words))


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
