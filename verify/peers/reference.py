"""Our references beside the peers: the terms of a loss, in the peers' words."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import derivations
from verify.losses.candidate import Candidate
from verify.losses.convention import Convention
from verify.losses.loss import SCALES
from verify.peers.measures import stem

FRAMEWORK = "torch" if find_spec("torch") else "numpy"
"""NumPy has values alone."""


def reference(convention: Convention, dtype: str) -> Candidate | None:
    """Ours under the reduction "none", for a loss of one part; None of chances."""
    if any(stem(word) == "probabilities" for word in convention.inputs):
        return None
    function = getattr(derivations, convention.loss.name).terms
    words = convention.inputs

    def terms(*arrays: Any) -> Any:
        pairs = list(zip(words, arrays, strict=True))
        placed = [array for word, array in pairs if stem(word) not in SCALES]
        return function(*placed, **{w: a for w, a in pairs if stem(w) in SCALES})

    return Candidate("lossproof", terms, convention, dtype, FRAMEWORK)
