"""The evidence lower bound, from what a decoder and an encoder give.

The bound is a mean over the encoder's law of the log-likelihood, less a divergence. The
divergence is the closed form; of the mean one draw z is an estimate, and what the
decoder makes of z is what these functions take.
"""

from __future__ import annotations

from typing import Any

from derivations.backends.arguments import backend_of
from derivations.chain import Derivation
from derivations.lowered import Lowered
from derivations.references.gaussian_kl import gaussian_kl
from derivations.references.reference import Reference
from derivations.vae.elbo import elbo

Call = tuple[Lowered, tuple[Any, ...]]


class Elbo(Reference):
    """Minus the negative log-likelihood, minus the divergence: what both have alike.

    decoder  the negative log-likelihood of a datum
    """

    def __init__(self, name: str, decoder: Reference) -> None:
        forms = {f"decoder's {n}": form for n, form in decoder.forms.items()}
        forms |= {f"encoder's {n}": form for n, form in gaussian_kl.forms.items()}
        super().__init__(name, elbo, forms)
        self.decoder = decoder

    @property
    def derivations(self) -> tuple[Derivation, ...]:
        """All chains that are computed from, and the one that states the result."""
        found = (elbo, *self.decoder.derivations, *gaussian_kl.derivations)
        return tuple(dict.fromkeys(found))

    def _value(self, nll: Call, kl: Call) -> Any:
        (of_data, given), (of_code, more) = self._one_framework(nll, kl)
        return -of_data(*given) - of_code(*more)

    def _terms(self, nll: Call, kl: Call) -> tuple[Any, Any]:
        (of_data, given), (of_code, more) = self._one_framework(nll, kl)
        return -of_data.terms(*given), -of_code.terms(*more)

    def _gradient(self, nll: Call, kl: Call) -> tuple[Any, ...]:
        (of_data, given), (of_code, more) = self._one_framework(nll, kl)
        slopes = (*of_data.gradient(*given), *of_code.gradient(*more))
        return tuple(-slope for slope in slopes)

    def _one_framework(self, nll: Call, kl: Call) -> tuple[Call, Call]:
        given = (*nll[1], *kl[1])
        names = (*nll[0].arguments, *(f"the encoder's {n}" for n in kl[0].arguments))
        backend_of(self.name, dict(zip(names, given, strict=True)))
        return nll, kl

    def _code(self, mu: Any, scales: dict[str, Any]) -> Call:
        form, scale = gaussian_kl._chosen(**scales)
        return form, (mu, scale)
