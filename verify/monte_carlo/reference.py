"""The reference implementations as callables that can be judged, in their own words."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import derivations
from verify.losses.candidate import Candidate
from verify.losses.convention import convention

FRAMEWORK = "torch" if find_spec("torch") else "numpy"
"""NumPy has values alone."""


def reference(claim: str, dtype: str = "float64") -> Candidate:
    """The function of this name that `derivations` has; ValueError if it has none."""
    said = convention(claim)
    function = getattr(derivations, said.loss.name)

    def called(*arrays: Any) -> Any:
        return function(**dict(zip(said.inputs, arrays, strict=True)))

    return Candidate("lossproof", called, said, dtype, FRAMEWORK)
