"""A result that people import: symbolic, and callable in one or several forms.

Its symbolic side is the derivation that states it. Each form is a stable chain of the
same value, lowered: which of them is meant, the keyword says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from derivations.chain import Derivation
from derivations.lowered import Lowered
from derivations.references.choice import chosen


class Reference(Derivation):
    """A derivation with its forms as functions of arrays.

    statement  the derivation of the result as it is stated
    forms      its stable forms, by the keyword that chooses them
    """

    def __init__(
        self, name: str, statement: Derivation, forms: Mapping[str, Lowered]
    ) -> None:
        super().__init__(statement._chain, name, type(self).__doc__ or "")
        self.file, self.line = statement.file, statement.line
        self.statement, self.forms = statement, dict(forms)
        for form in self.forms.values():
            if form.called == form.name:
                form.called = name

    def __reduce__(self) -> tuple[Callable, tuple[str]]:
        return _imported, (self.name,)

    @property
    def derivations(self) -> tuple[Derivation, ...]:
        """All chains that are computed from, and the one that states the result."""
        found = (d for form in self.forms.values() for d in form.derivations)
        return tuple(dict.fromkeys((self.statement, *found)))

    def source(self, framework: str = "numpy") -> str:
        """The generated functions as Python, form after form.

        Raises ValueError for a framework other than numpy, torch or jax.
        """
        sources = (form.source(framework) for form in self.forms.values())
        return "\n\n".join(sources)

    def _chosen(self, **given: Any) -> tuple[Lowered, Any]:
        """The form of the one keyword that is given, and its array."""
        name = chosen(self.name, given)
        return self.forms[name], given[name]


def _imported(name: str) -> Any:
    """What pickle finds again: the object of this name that `derivations` has."""
    return getattr(import_module("derivations"), name)
