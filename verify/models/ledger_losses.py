"""Losses that may be trained on: the objects that the ledger's chains stand behind.

A loss of the same name, or one that gives the same numbers, is not enough: what is
trained on has to be the object that `derivations` has, computed from the chains that
`verify` judges, by identity.
"""

from __future__ import annotations

from functools import cache
from typing import TypeVar

import derivations
from derivations.catalogue import catalogue
from derivations.chain import Derivation
from derivations.references.reference import Reference

Loss = TypeVar("Loss")


class ForeignLossError(TypeError):
    """Somebody wants to train on a loss that the ledger does not stand behind."""


def of_the_ledger(loss: Loss) -> Loss:
    """The same loss; raises ForeignLossError, which says what is foreign about it."""
    name = getattr(loss, "name", getattr(loss, "__name__", type(loss).__name__))
    if not isinstance(loss, Reference):
        raise ForeignLossError(
            f"{name} is a {type(loss).__name__}, not a derived result of `derivations`"
        )
    if name not in derivations.__all__ or loss is not getattr(derivations, name):
        raise ForeignLossError(f"{name} is not the object derivations.{name}")
    for chain in loss.derivations:
        if chain is not _judged().get(chain.name):
            raise ForeignLossError(
                f"{name} is computed from a chain that is not judged: {chain.name}"
            )
    return loss


@cache
def _judged() -> dict[str, Derivation]:
    return catalogue()
