"""Other libraries as witnesses: they agree with us, except where they are known not to.

What they say refutes what somebody really got wrong; what no list excuses is noticed,
and so is a row of the list that is out of date.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from verify.accuracy.formats import FORMATS
from verify.evidence import Verdict
from verify.losses.candidate import Candidate
from verify.losses.convention import convention
from verify.losses.loss import LOSSES
from verify.oracle.truth import terms
from verify.peers import disagreements, known, regions
from verify.peers.disagreements import asked, compared, stale
from verify.peers.judge import cannot, judged, shares
from verify.peers.known import KNOWN, Known
from verify.peers.magnitudes import ALONE, magnitudes
from verify.peers.measures import CHANGES, changed
from verify.peers.sheet import Said
from verify.peers.table import LIBRARIES, missing, peers, witnesses, wordings

torch = pytest.importorskip("torch")
F = torch.nn.functional
Tensor = Any

KL = ("gaussian_kl", ("mu", "log_variance"))
NONSATURATING = ("nonsaturating_generator_loss", ("logits",))


def candidate(
    function: Callable[..., Tensor],
    of: tuple[str, tuple[str, ...]],
    reduction: str,
    dtype: str = "float64",
) -> Candidate:
    return Candidate(function.__name__, function, convention(*of, reduction), dtype)


def kl(mu: Tensor, t: Tensor) -> Tensor:
    return 0.5 * (mu**2 + t.exp() - 1 - t).sum(-1)


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_library_that_is_installed_is_asked(library: str) -> None:
    if library in missing():
        pytest.skip(f"{library}: {missing()[library]}")
    rows = [w for w, of, *_ in witnesses() if of == library]
    found = [
        p for w in rows for words in wordings(w.loss) for p in peers(w.loss, words)
    ]
    named = {p.name for p in found if p.library == library}
    assert named == {w.name for w in rows}
    assert all(p.version in str(p) for p in found)


@pytest.mark.parametrize("part", ALONE)
def test_every_part_has_peers_that_are_differentiated(part: str) -> None:
    loss, _ = ALONE[part]
    found = [p for words in wordings(loss) for p in peers(loss, words)]
    assert {"torch"} <= {p.library for p in found}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_measure_is_the_change_it_says(change: tuple[str, str]) -> None:
    of_sigma = {
        "sigma": lambda s: s,
        "variance": lambda s: s**2,
        "log_variance": lambda s: 2 * np.log(s),
        "log_sigma": np.log,
    }
    sigma, (given, wanted) = np.array([0.3, 1.0, 7.0]), change
    found = changed(np, of_sigma[given](sigma), given, wanted)
    true = of_sigma[wanted](sigma)
    assert np.all(np.abs(found - true) <= 8 * 2.0**-53 * (1 + np.abs(true)))


@pytest.mark.parametrize("part", ALONE)
def test_no_value_and_no_slope_is_larger_than_what_is_added_up(part: str) -> None:
    loss, _ = ALONE[part]
    rng = np.random.default_rng(5)
    for words in wordings(loss):
        columns = [rng.uniform(0.05, 0.95, 20) for _ in words]
        sizes = magnitudes(LOSSES[loss].parts[0], words, columns)
        true = terms(part, words, columns)
        for place, quantity in enumerate(("", *words)):
            exact = true[(place - 1,) if quantity else ()]
            assert np.all(np.abs(exact.high) <= sizes[quantity] * (1 + 2.0**-40))


COMPARED = [
    ("gaussian_kl", "float32"),
    ("gaussian_kl_between", "float32"),
    ("gaussian_nll", "float64"),
    ("nonsaturating_generator_loss", "float64"),
    ("saturating_generator_loss", "float64"),
    ("saturating_generator_loss", "float32"),
    ("bernoulli_nll", "float64"),
]


@pytest.mark.parametrize(("loss", "dtype"), COMPARED)
def test_peers_differ_from_us_only_where_they_are_known_to_be_wrong(
    loss: str, dtype: str
) -> None:
    found, count = compared(loss, seed=3, dtypes=(dtype,))
    assert count
    assert not [str(d) for d in found if not d.known or d.fault == "ours"]


def test_the_known_places_are_still_wrong() -> None:
    assert [(where, row.sentence) for row, where in stale()] == []


def test_a_place_that_is_right_again_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mended = Known(
        ("F.logsigmoid",),
        ("nonsaturating_generator_loss",),
        regions.towards("nonsaturating_generator_loss"),
        {"float64": (-20.5,)},
        "is off beyond a threshold",
    )
    for module in (known, disagreements):
        monkeypatch.setattr(module, "KNOWN", (mended,))
    assert [row for row, _ in stale()] == [mended]


def test_a_new_disagreement_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "KNOWN", ())
    found, _ = compared("nonsaturating_generator_loss", dtypes=("float64",))
    new = {d.peer.name for d in found if not d.known and d.fault == "the peer's"}
    assert {"F.softplus", "F.binary_cross_entropy"} <= new
    assert "F.logsigmoid" not in new


def test_where_we_are_wrong_the_fault_is_ours() -> None:
    declared = convention(*NONSATURATING, "none")
    points = asked(declared, "float64", (np.array([-3.0, 0.5, 4.0]),))
    value = points.ours.found[""] * (1 + 1e-12)
    wrong = replace(points, ours=replace(points.ours, found={"": value}))
    peer = next(p for p in peers(*NONSATURATING) if p.name == "F.logsigmoid")
    found = disagreements.disagreements(peer, wrong)
    assert {d.fault for d in found} == {"ours"}
    assert "the fault is ours" in str(found[0])


def textbook_nonsaturating(h: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(h, torch.ones_like(h), reduction="none")


def discriminator(real: Tensor, fake: Tensor) -> Tensor:
    return -F.logsigmoid(real).mean() - F.logsigmoid(-fake).mean()


def bound(h: Tensor, x: Tensor, mu: Tensor, t: Tensor) -> Tensor:
    data = F.binary_cross_entropy_with_logits(h, x, reduction="none").sum(-1)
    return -data - kl(mu, t)


PAIR = ("discriminator_loss", ("real_logits", "fake_logits"))
BOUND = ("bernoulli_elbo", ("logits", "target", "mu", "log_variance"))
RIGHT = [
    candidate(kl, KL, "sum"),
    candidate(kl, KL, "sum", "float32"),
    candidate(textbook_nonsaturating, NONSATURATING, "none"),
    candidate(discriminator, PAIR, "mean"),
    candidate(bound, BOUND, "sum"),
]


@pytest.mark.parametrize("right", RIGHT, ids=lambda c: f"{c.name}, {c.dtype}")
def test_what_is_right_is_not_refuted(right: Candidate) -> None:
    found = judged(right, seed=1)
    assert found.verdict is Verdict.AGREES, found.figure
    assert "value and gradient" in found.figure


def no_half(mu: Tensor, t: Tensor) -> Tensor:
    return (mu**2 + t.exp() - 1 - t).sum(-1)


def floor_in_the_log(mu: Tensor, t: Tensor) -> Tensor:
    return 0.5 * (mu**2 + t.exp() - 1 - torch.log(t.exp() + 1e-8)).sum(-1)


def clamped(mu: Tensor, t: Tensor) -> Tensor:
    return kl(mu, t.clamp(-10, 10))


def detached(mu: Tensor, t: Tensor) -> Tensor:
    return 0.5 * (mu**2 + t.exp() - 1 - t.detach()).sum(-1)


def slope_off_by_a_billionth(mu: Tensor, t: Tensor) -> Tensor:
    value = kl(mu, t)
    return value.detach() + (1 + 1e-9) * (value - value.detach())


def mean_for_sum(mu: Tensor, t: Tensor) -> Tensor:
    return 0.5 * (mu**2 + t.exp() - 1 - t).mean(-1)


def off_by_1e_13(mu: Tensor, t: Tensor) -> Tensor:
    return kl(mu, t) * (1 + 1e-13)


def flipped(h: Tensor) -> Tensor:
    return textbook_nonsaturating(-h)


def floor_in_the_log_of_d(h: Tensor) -> Tensor:
    return -torch.log(torch.sigmoid(h) + 1e-10)


def labels_swapped(real: Tensor, fake: Tensor) -> Tensor:
    return discriminator(fake, real)


def half_of_it(real: Tensor, fake: Tensor) -> Tensor:
    return discriminator(real, fake) / 2


def divergence_added(h: Tensor, x: Tensor, mu: Tensor, t: Tensor) -> Tensor:
    return bound(h, x, mu, t) + 2 * kl(mu, t)


def raising(mu: Tensor, t: Tensor) -> Tensor:
    raise ArithmeticError("no such loss")


NEAR_MISSES = [
    *(
        candidate(wrong, KL, "sum")
        for wrong in (
            *(no_half, floor_in_the_log, clamped, detached, mean_for_sum, raising),
            *(slope_off_by_a_billionth, off_by_1e_13),
        )
    ),
    candidate(flipped, NONSATURATING, "none"),
    candidate(floor_in_the_log_of_d, NONSATURATING, "none"),
    candidate(labels_swapped, PAIR, "mean"),
    candidate(half_of_it, PAIR, "mean"),
    candidate(divergence_added, BOUND, "sum"),
]


@pytest.mark.parametrize("wrong", NEAR_MISSES, ids=lambda c: c.name)
def test_near_misses_are_refuted(wrong: Candidate) -> None:
    found = judged(wrong)
    assert found.verdict is Verdict.REFUTED
    assert found.figure


def test_second_derivatives_are_beyond_the_peers() -> None:
    """What the method cannot see, said by a test: the oracle sees it."""

    def curved(mu: Tensor, t: Tensor) -> Tensor:
        value = kl(mu, t)
        slope = (0.5 * (t.exp() - 1)).detach()
        return value.detach() + (mu.detach() * (mu - mu.detach())).sum(-1) + (
            slope * (t - t.detach())
        ).sum(-1)  # fmt: skip

    assert judged(candidate(curved, KL, "sum")).verdict is Verdict.AGREES


def test_where_no_peer_has_the_terms_it_says_so() -> None:
    whole = convention("multivariate_gaussian_kl")
    assert "one coordinate" in cannot(whole)
    asking = Candidate("full", lambda *given: given[0].sum(), whole)
    with pytest.raises(ValueError, match="one coordinate"):
        judged(asking)


def test_an_error_is_measured_from_the_nearest_witness_that_speaks() -> None:
    allowed = np.ones(3)
    silent = Said(np.array([np.nan, np.nan, 5.0]), allowed)
    speaking = Said(np.array([np.nan, 1.0, 9.0]), allowed)
    found = shares(np.array([7.0, 4.0, 6.0]), [silent, speaking])
    assert found is not None
    assert found.tolist() == [0.0, 3.0, 1.0]
    assert shares(np.array([1.0]), []) is None
    missed = shares(np.array([np.nan]), [Said(np.array([1.0]), np.ones(1))])
    assert missed is not None
    assert missed.tolist() == [np.inf]


def test_a_known_place_names_a_peer_that_there_is() -> None:
    named = {(w.name, w.loss) for w, *_ in witnesses()}
    installed = {w.name for w, *_ in witnesses()}
    for row in KNOWN:
        for name in row.names:
            if name in installed:
                assert {(name, loss) for loss in row.losses} <= named, row
        assert set(row.example) <= set(FORMATS), row
