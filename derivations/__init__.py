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
    from derivations.references.bernoulli_elbo import (
        bernoulli_elbo as bernoulli_elbo,
    )
    from derivations.references.bernoulli_nll import (
        bernoulli_nll as bernoulli_nll,
    )
    from derivations.references.gan_losses import (
        discriminator_loss as discriminator_loss,
    )
    from derivations.references.gan_losses import (
        nonsaturating_generator_loss as nonsaturating_generator_loss,
    )
    from derivations.references.gan_losses import (
        saturating_generator_loss as saturating_generator_loss,
    )
    from derivations.references.gaussian_elbo import (
        gaussian_elbo as gaussian_elbo,
    )
    from derivations.references.gaussian_kl import gaussian_kl as gaussian_kl
    from derivations.references.gaussian_kl_between import (
        gaussian_kl_between as gaussian_kl_between,
    )
    from derivations.references.gaussian_nll import (
        gaussian_nll as gaussian_nll,
    )
    from derivations.references.multivariate_gaussian_kl import (
        multivariate_gaussian_kl as multivariate_gaussian_kl,
    )

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
    "gaussian_kl_between": "derivations.references.gaussian_kl_between",
    "multivariate_gaussian_kl": "derivations.references.multivariate_gaussian_kl",
    "bernoulli_nll": "derivations.references.bernoulli_nll",
    "gaussian_nll": "derivations.references.gaussian_nll",
    "bernoulli_elbo": "derivations.references.bernoulli_elbo",
    "gaussian_elbo": "derivations.references.gaussian_elbo",
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
    "bernoulli_elbo",
    "bernoulli_nll",
    "derivation",
    "discriminator_loss",
    "gaussian_elbo",
    "gaussian_kl",
    "gaussian_kl_between",
    "gaussian_nll",
    "lower",
    "multivariate_gaussian_kl",
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
