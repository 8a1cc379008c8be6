"""Our references beside the peers: the terms of a loss, in the peers' words."""

from __future__ import annotations

from importlib.util import find_spec

import derivations
from verify.losses.candidate import Candidate
from verify.losses.convention import Convention
from verify.losses.named import own_form
from verify.peers.measures import stem

FRAMEWORK = "torch" if find_spec("torch") else "numpy"
"""NumPy has values alone."""


def reference(convention: Convention, dtype: str) -> Candidate | None:
    """Ours under the reduction "none", for a loss of one part; None of chances."""
    if any(stem(word) == "probabilities" for word in convention.inputs):
        return None
    terms = own_form(getattr(derivations, convention.loss.name), convention)
    return Candidate("lossproof", terms, convention, dtype, FRAMEWORK)
