"""What Optax has of the losses."""

from __future__ import annotations

import optax

from verify.peers.jax_peers import FRAMEWORK, MODULE
from verify.peers.peer import Witness

WITNESSES = (
    Witness(
        "sigmoid_binary_cross_entropy",
        "bernoulli_nll",
        ("logits", "target"),
        optax.sigmoid_binary_cross_entropy,
    ),
)
__all__ = ["FRAMEWORK", "MODULE", "WITNESSES"]
