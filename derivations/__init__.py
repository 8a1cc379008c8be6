"""Derivations: what is true of the losses of generative models, and why.

Importing this package loads nothing; each name is fetched when it is first used.
"""

TYPE_CHECKING = False  # a type checker takes it for true; `typing` costs 10 ms
if TYPE_CHECKING:
    from derivations import rules as rules
    from derivations.chain import derivation as derivation
    from derivations.expectation import E as E
    from derivations.functions import sigmoid as sigmoid
    from derivations.functions import softplus as softplus
    from derivations.laws import Law as Law
    from derivations.laws import Normal as Normal
    from derivations.laws import Uniform as Uniform
    from derivations.line import at_most as at_most
    from derivations.lowered import lower as lower
    from derivations.references.gan_losses import (
        discriminator_loss as discriminator_loss,
    )
    from derivations.references.gan_losses import (
        nonsaturating_generator_loss as nonsaturating_generator_loss,
    )
    from derivations.references.gan_losses import (
        saturating_generator_loss as saturating_generator_loss,
    )
    from derivations.references.gaussian_kl import gaussian_kl as gaussian_kl

_HOME = {
    "derivation": "derivations.chain",
    "at_most": "derivations.line",
    "E": "derivations.expectation",
    "Normal": "derivations.laws",
    "Uniform": "derivations.laws",
    "Law": "derivations.laws",
    "sigmoid": "derivations.functions",
    "softplus": "derivations.functions",
    "lower": "derivations.lowered",
    "gaussian_kl": "derivations.references.gaussian_kl",
    "saturating_generator_loss": "derivations.references.gan_losses",
    "nonsaturating_generator_loss": "derivations.references.gan_losses",
    "discriminator_loss": "derivations.references.gan_losses",
}

__all__ = [
    "E",
    "Law",
    "Normal",
    "Uniform",
    "at_most",
    "derivation",
    "discriminator_loss",
    "gaussian_kl",
    "lower",
    "nonsaturating_generator_loss",
    "rules",
    "saturating_generator_loss",
    "sigmoid",
    "softplus",
]


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name == "rules":
        return import_module("derivations.rules")
    if name not in _HOME:
        raise AttributeError(f"module 'derivations' has no attribute {name!r}")
    found = getattr(import_module(_HOME[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
