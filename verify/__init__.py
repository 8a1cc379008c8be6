"""Verification: whether what a derivation claims is so, by proof and by numbers.

`conforms` judges anyone's loss; it is fetched when it is first used.
"""

TYPE_CHECKING = False  # a type checker takes it for true; `typing` costs 10 ms
if TYPE_CHECKING:
    from verify.oracle.conforms import conforms as conforms

__all__ = ["conforms"]


def __getattr__(name: str) -> object:
    if name != "conforms":
        raise AttributeError(f"module 'verify' has no attribute {name!r}")
    from verify.oracle.conforms import conforms

    globals()[name] = conforms
    return conforms
