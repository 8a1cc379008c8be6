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

_HOME = {
    "derivation": "derivations.chain",
    "at_most": "derivations.line",
    "E": "derivations.expectation",
    "Normal": "derivations.laws",
    "Uniform": "derivations.laws",
    "Law": "derivations.laws",
    "sigmoid": "derivations.functions",
    "softplus": "derivations.functions",
}

__all__ = [
    "E",
    "Law",
    "Normal",
    "Uniform",
    "at_most",
    "derivation",
    "rules",
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
