"""The right ways to write the losses, from which wrong ones are made.

Each comes from a chain that is proved: its last line, and its textbook line. What
stands under the sums is a term of one coordinate, in symbols called by the words of the
convention.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sympy import Expr, Rational, Symbol, log

import derivations
from derivations import rules
from derivations.functions import phi, psi, sigmoid, softplus
from derivations.lowered import Lowered
from derivations.reading import Part, Reading
from verify.losses.convention import Convention, convention
from verify.mutation.operators import About

STABLE, TEXTBOOK, LOGS = "stable", "textbook", "logs"
"""The last line; the line before it; the last line with its functions unfolded."""

SIGNS = {
    **dict.fromkeys(("gaussian_kl", "gaussian_kl_between", "bernoulli_nll"), 1),
    **dict.fromkeys(("log_d", "log_one_minus_d"), -1),
    "gaussian_nll": 0,
}
"""Gibbs: a divergence is never negative. The logarithm of a probability never positive;
a density may exceed 1."""
SMALLEST = {"float64": Rational(1, 10**12), "float32": Rational(1, 10**5)}


@dataclass(frozen=True)
class Subject:
    """A right way to write a loss.

    form        STABLE, TEXTBOOK or LOGS
    convention  what it takes, and the reduction that it has
    dtype       of its arrays
    terms       of each part of the loss, its sign included, by the words
    """

    form: str
    convention: Convention
    dtype: str
    terms: tuple[Expr, ...]

    @property
    def name(self) -> str:
        """The loss, the word that chooses its form, the form, the dtype if short."""
        loss, words = self.convention.loss, self.convention.inputs
        scale = next((w for w in words if "sigma" in w or "variance" in w), words[0])
        parts = (loss.name, scale.rstrip("12"), self.form)
        return "/".join((*parts, *([self.dtype] if self.dtype != "float64" else [])))

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The arguments, as they stand in the terms."""
        found = {s.name: s for term in self.terms for s in term.free_symbols}
        return tuple(found[w] for w in self.convention.inputs if w in found)

    def about(self, place: int) -> About:
        """What is known of the term of a part."""
        part, term = self.convention.loss.parts[place], self.terms[place]
        symbols = tuple(s for s in self.symbols if s in term.free_symbols)
        return About(symbols, part.sign * SIGNS[part.name], SMALLEST[self.dtype])


def subject(
    loss: str,
    *,
    form: str = STABLE,
    inputs: tuple[str, ...] | None = None,
    reduction: str | None = None,
    dtype: str = "float64",
) -> Subject:
    """The right loss in these words."""
    said = convention(loss, inputs, reduction)
    return Subject(form, said, dtype, _terms(said.loss.name, said.inputs, form))


@cache
def _terms(loss: str, inputs: tuple[str, ...], form: str) -> tuple[Expr, ...]:
    if loss.endswith("_elbo"):
        return _elbo_terms(loss, inputs, form)
    reference = getattr(derivations, loss)
    last = inputs[-1].rstrip("12")
    lowered = reference.forms[last if last in reference.forms else "logits"]
    found = [part.terms.expression for part in _parts(lowered, form)]
    if len(found) == 1:
        return tuple(found)
    by_word = {s.name: term for term in found for s in term.free_symbols}
    return tuple(by_word[word] for word in inputs)


def _parts(lowered: Lowered, form: str) -> tuple[Part, ...]:
    if form == STABLE:
        return lowered.parts
    chain = lowered.chain
    line = chain.steps[-2].expression if form == TEXTBOOK else _unfolded(chain.rhs)
    line = rules.logarithms.rewrite(line)
    meanings: Mapping = lowered.reading.meanings
    return Reading(lowered.name, line, meanings, lowered.axis, {}).parts


def _unfolded(line: Expr) -> Expr:
    """The functions by their definitions; softplus(x) is -log s(-x)."""
    line = line.replace(softplus, lambda x: -log(sigmoid(-x)))
    for head in (phi, psi):
        line = line.replace(head, lambda x, h=head: h(x).definition())
    return line


def _elbo_terms(loss: str, inputs: tuple[str, ...], form: str) -> tuple[Expr, ...]:
    """Minus the decoder's terms, minus the encoder's."""
    cut = inputs.index("mu")
    later = [w for w in inputs if w.startswith("decoder_")]
    data = (*inputs[:cut], *later)
    code = tuple(w for w in inputs[cut:] if w not in later)
    plain = tuple(w.removeprefix("decoder_") for w in data)
    (nll,) = _terms(loss.replace("elbo", "nll"), plain, form)
    (kl,) = _terms("gaussian_kl", code, form)
    renamed = {
        s: Symbol(word, **s.assumptions0)
        for s in nll.free_symbols
        for word, name in zip(data, plain, strict=True)
        if s.name == name
    }
    return -nll.xreplace(renamed), -kl
