"""The evidence lower bound, from what a decoder and an encoder give.

The bound is a mean over the encoder's law of the log-likelihood, less a divergence. The
divergence is the closed form; of the mean one draw z is an estimate, and what the
decoder makes of z is what these functions take.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derivations.backends.arguments import backend_of, shape_error
from derivations.chain import Derivation
from derivations.lowered import Lowered
from derivations.references.choice import chosen
from derivations.references.gaussian_kl import gaussian_kl
from derivations.references.reference import Reference
from derivations.vae.elbo import elbo

Call = tuple[Lowered, tuple[Any, ...]]
DECODER = "decoder_"
"""Stands before a keyword that the encoder has too."""
PLAIN = ("mean", "target", "logits")  # the decoder's alone


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
        (of_data, given), (of_code, more) = self._together(nll, kl)
        return -of_data(*given) - of_code(*more)

    def _terms(self, nll: Call, kl: Call) -> tuple[Any, Any]:
        (of_data, given), (of_code, more) = self._together(nll, kl)
        return -of_data.terms(*given), -of_code.terms(*more)

    def _gradient(self, nll: Call, kl: Call) -> tuple[Any, ...]:
        (of_data, given), (of_code, more) = self._together(nll, kl)
        slopes = (*of_data.gradient(*given), *of_code.gradient(*more))
        return tuple(-slope for slope in slopes)

    def _together(self, nll: Call, kl: Call) -> tuple[Call, Call]:
        """Both, where they have one framework, and leading shapes that broadcast."""
        decoders = (n if n in PLAIN else f"{DECODER}{n}" for n in nll[0].arguments)
        names = (*decoders, *kl[0].arguments)
        given = dict(zip(names, (*nll[1], *kl[1]), strict=True))
        backend_of(self.name, given)
        shapes = {n: tuple(getattr(v, "shape", ())) for n, v in given.items()}
        if not _broadcast([shape[:-1] for shape in shapes.values()]):
            raise shape_error(f"{self.name}, before the last axis,", shapes)
        return nll, kl

    def _code(self, mu: Any, scales: dict[str, Any]) -> Call:
        name = chosen(self.name, scales)
        return gaussian_kl.forms[name], (mu, scales[name])


def _broadcast(shapes: Sequence[tuple[int, ...]]) -> bool:
    """Whether arrays of these shapes go together, as they do in every framework."""
    for axis in range(-max(map(len, shapes)), 0):
        sizes = [shape[axis] for shape in shapes if len(shape) >= -axis]
        wide = [size for size in sizes if size != 1]
        if any(size != wide[0] for size in wide):
            return False
    return True
