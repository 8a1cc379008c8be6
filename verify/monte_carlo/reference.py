"""The reference implementations as callables that can be judged, in their own words."""

from __future__ import annotations

from importlib.util import find_spec

import derivations
from verify.losses.candidate import Candidate
from verify.losses.convention import convention
from verify.losses.named import own_form

FRAMEWORK = "torch" if find_spec("torch") else "numpy"
"""NumPy has values alone."""


def reference(claim: str, dtype: str = "float64") -> Candidate:
    """The function of this name that `derivations` has; ValueError if it has none."""
    said = convention(claim)
    function = own_form(getattr(derivations, said.loss.name), said)
    return Candidate("lossproof", function, said, dtype, FRAMEWORK)
