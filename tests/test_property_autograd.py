"""Every reference against torch's derivatives of its definition, on common noise.

The definition is a program of densities and of reparametrised draws; the noise has the
moments of its law exactly, so that both values, slopes and second derivatives agree to
a computed rounding. See `verify.autograd`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreement import falls, stands
from near_misses import NEAR_MISSES, key, planted, right
from strategies import Drawn, factors, several
from subjects import CASES, of
from verify.evidence import Evidence, Verdict
from verify.losses.call import Fault, shapes
from verify.losses.candidate import Candidate
from verify.losses.loss import LOSSES

pytest.importorskip("torch", reason="torch is not installed")

from verify.autograd import noise, points
from verify.autograd.comparison import differences
from verify.autograd.definitions import DRAWN
from verify.autograd.expected import Expected, expected
from verify.autograd.sheet import Batch, Cut, Sheet
from verify.autograd.torch_candidates import computed

MODERATE = 3.3  # deviations and logits of 0.1 to 10: definitions keep their digits
TOGETHER = 3  # batches that are differentiated at once, which costs as much as one
fewer = settings(max_examples=max(2, settings.default.max_examples // 6))
SEED = 20261122
Batches = tuple[Drawn, ...]


def sheet(candidate: Candidate, drawn: Batches) -> Sheet:
    """The batches in strips, with noise, weights and a direction."""
    rng, case = np.random.default_rng(SEED), candidate.convention
    flat = case.loss.separable
    batches, ends = [], dict.fromkeys(case.inputs, 0)
    for one in drawn:
        cuts = {}
        for word, array in one.arrays.items():
            start, ends[word] = ends[word], ends[word] + array.size
            cuts[word] = Cut(slice(start, ends[word]) if flat else ..., array.shape)
        weights = (points.dyadic(shape, rng) for shape in shapes(case, one.arrays))
        batches.append(Batch(cuts, tuple(weights)))
    leaves = {
        w: np.concatenate([one.arrays[w].ravel() for one in drawn])
        if flat
        else drawn[0].arrays[w]
        for w in case.inputs
    }
    direction = {w: points.dyadic(a.shape, rng) for w, a in leaves.items()}
    if not flat:  # nothing is above the diagonal of a factor
        direction = {w: d * (leaves[w] != 0) for w, d in direction.items()}
    laws = [part for part in case.loss.parts if part.name in DRAWN]
    shape = leaves[case.word(laws[0].roles[0])].shape if laws else ()
    constants = even(shape, flat, rng) if laws else {}
    dtype = drawn[0].form.name
    return Sheet(case, dtype, leaves, tuple(batches), direction, constants)


def even(shape: tuple[int, ...], flat: bool, rng: np.random.Generator) -> dict:
    """Noise that has the moments of its law."""
    if flat:
        return {"noise": noise.standardised(shape, rng), "nodes": noise.nodes(shape)}
    size = shape[-1]
    return {"noise": noise.whitened(size, rng), "nodes": noise.axes(size)}


KNOWN: dict[bytes, Expected] = {}
"""By the arguments: what is planted is judged where others have been."""


def wanted(candidate: Candidate, drawn: Batches) -> Expected:
    """What the definition says of these arguments, and how near one has to come."""
    shown = [(str(candidate.convention), str(one.form)) for one in drawn]
    given = [a.tobytes() + bytes(a.shape) for one in drawn for a in one.exact]
    where = repr(shown).encode() + b"".join(given)
    if where not in KNOWN:
        KNOWN[where] = expected.__wrapped__(sheet(candidate, drawn))
    return KNOWN[where]


def agrees_with_autograd(candidate: Candidate, drawn: Batches) -> Evidence:
    """Value, gradient, second derivatives and forward mode are the definition's."""
    candidate = replace(candidate, dtype=drawn[0].form.name)
    one = wanted(candidate, drawn)
    try:
        found = list(differences(computed(candidate, one.sheet).sweeps, one))
    except Fault as fault:
        verdict, figure = Verdict.REFUTED, str(fault)
    else:
        worst = max(found, key=lambda one: one.share)
        verdict = Verdict.REFUTED if worst.wrong else Verdict.AGREES
        figure = str(worst)
    return Evidence(candidate.name, "autograd", verdict, figure, "", SEED, 0.0)


def drawn_for(case: str) -> st.SearchStrategy[Batches]:
    if not CASES[case].loss.separable:
        return factors(most=4).map(lambda laws: (laws,))
    return several(CASES[case], TOGETHER, reach=MODERATE)


@pytest.mark.parametrize("case", of("gaussian_kl"))
@fewer
@given(data=st.data())
def test_the_divergence_has_the_derivatives_of_its_definition(case, data) -> None:
    stands(agrees_with_autograd(right(case), data.draw(drawn_for(case))))


@pytest.mark.parametrize("name", [n for n in LOSSES if n != "gaussian_kl"])
@fewer
@given(data=st.data())
def test_a_loss_has_the_derivatives_of_its_definition(name: str, data) -> None:
    case = data.draw(st.sampled_from(of(name)))
    stands(agrees_with_autograd(right(case), data.draw(drawn_for(case))))


@pytest.mark.parametrize(
    ("name", "miss"),
    [
        pytest.param(name, miss, id=f"{name}, {miss}")
        for name, misses in NEAR_MISSES.items()
        for miss in misses
    ],
)
def test_autograd_finds_out(name: str, miss: str) -> None:
    wrong = planted(name, miss)
    falls(drawn_for(key(name)), lambda drawn: agrees_with_autograd(wrong, drawn))
