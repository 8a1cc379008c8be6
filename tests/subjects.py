"""What the property tests judge: every reference, in every convention that it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import derivations
from verify.losses.convention import Convention, convention
from verify.losses.loss import LOSSES, SCALES

Function = Callable[..., Any]


def _inputs(name: str, scale: str) -> tuple[str, ...]:
    """The loss's own words, with this one for each scale."""
    own = (words[0] for words in LOSSES[name].words.values())
    return tuple(w.replace("sigma", scale) for w in own)


SCALED = [n for n in LOSSES if any("scale" in role for role in LOSSES[n].words)]
CASES: dict[str, Convention] = {
    ", ".join(filter(None, (name, scale))): convention(name, _inputs(name, scale))
    for name in LOSSES
    for scale in (SCALES if name in SCALED else ("",))
}
"""By the loss, and the word for its scales if it has any."""


def of(*names: str) -> list[str]:
    """The keys of CASES that are of these losses."""
    return [key for key, case in CASES.items() if case.loss.name in names]


def reference(case: Convention, method: str = "__call__") -> Function:
    """The reference, or its `terms` or `gradient`, of the convention's arguments."""
    function = getattr(getattr(derivations, case.loss.name), method)

    def called(*arrays: Any) -> Any:
        return function(**dict(zip(case.inputs, arrays, strict=True)))

    return called
