"""Mutants: how they are made, named, proved right after all, and counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from verify.commands import mutants as command
from verify.evidence import Verdict
from verify.losses.convention import convention
from verify.methods import METHODS
from verify.mutation import matrix
from verify.mutation.blindness import BLIND, reason, stale, survivors, weaker
from verify.mutation.catalogue import NEAR_MISS, PLAN, RIGHT, groups, kinds, made
from verify.mutation.equal import proved_right
from verify.mutation.mutant import Mutant
from verify.mutation.operators import addends
from verify.mutation.outcome import Outcome
from verify.mutation.run import chosen
from verify.mutation.subjects import LOGS, STABLE, TEXTBOOK, Subject, subject
from verify.mutation.trial import Found, Trial

torch = pytest.importorskip("torch")
from verify.mutation import torch_marks, torch_mutants  # noqa: E402

ADDITIONS = 32  # roundings on the way to a term, generously


def of_class(right: Subject, kind: str) -> list[Mutant]:
    return list(torch_mutants.of(right, kind))


def drawn(right: Subject) -> dict[str, Any]:
    """Arrays of ordinary numbers for the words of a subject."""
    rng = np.random.default_rng(0)
    found = {}
    for symbol in right.symbols:
        x = rng.normal(size=(3, 4)) * 2
        if symbol.name == "target":
            x = rng.uniform(size=(3, 4))
        elif symbol.is_positive:
            x = np.exp(x / 2)
        found[symbol.name] = torch.tensor(x, dtype=getattr(torch, right.dtype))
    return found


def test_there_are_enough_of_every_class_and_no_name_twice() -> None:
    found = [m for group in groups() for m in group.mutants()]
    wrong = Counter(m.kind for m in found if m.kind != RIGHT)
    assert sum(wrong.values()) >= 400
    assert wrong[NEAR_MISS] >= 40
    assert set(wrong) == {*kinds()} - {RIGHT}
    assert min(wrong.values()) >= 10, wrong
    assert len({m.name for m in found}) == len(found)
    assert all(chosen(m.name) for m in found)


def test_they_are_the_same_in_every_run() -> None:
    before = [(m.name, m.words) for m in made(len(PLAN) - 1)]
    made.cache_clear()
    assert [(m.name, m.words) for m in made(len(PLAN) - 1)] == before


@pytest.mark.parametrize("row", PLAN, ids=lambda row: row.subject().name)
def test_what_they_are_made_of_agrees_with_the_reference(row: Any) -> None:
    import derivations

    right = row.subject()
    given = drawn(right)
    said = convention(row.loss, right.convention.inputs, "none")
    found = torch_mutants.loss(said, right.terms)(*given.values())
    known = getattr(derivations, row.loss).terms(**given)
    parts = zip(right.terms, _tuple(found), _tuple(known), strict=True)
    for term, one, other in parts:
        size = sum(
            torch_mutants.lowered(list(given), part)(one, *given.values()).abs()
            for part in addends(term)
        )
        allowed = ADDITIONS * torch.finfo(one.dtype).eps * size
        assert ((one - other).abs() <= allowed).all()


def _tuple(found: Any) -> tuple:
    return found if isinstance(found, tuple) else (found,)


def test_a_term_that_depends_on_nothing_keeps_the_shape() -> None:
    right = subject("nonsaturating_generator_loss", form=STABLE, reduction="none")
    nothing = next(
        m for m in of_class(right, "dropped term") if m.words.startswith("w")
    )
    assert nothing.make()(torch.ones(2, 3)).shape == (2, 3)


def test_a_mutant_that_is_right_after_all_is_proved_to_be() -> None:
    words = ("mean", "target", "log_variance")
    right = subject("gaussian_nll", inputs=words, reduction="sum")
    found = [m for m in of_class(right, "argument order") if proved_right(m)]
    assert [m.words for m in found] == ["mean and target exchanged"]


@pytest.mark.parametrize("kind", ["relative error", "sign", "clamp", "axis", "branch"])
def test_a_mutant_that_is_wrong_is_not_proved_right(kind: str) -> None:
    right = subject("gaussian_kl", form=TEXTBOOK, inputs=("mu", "sigma"))
    found = of_class(right, kind)
    assert found
    assert not any(map(proved_right, found))


@pytest.mark.parametrize("form", [TEXTBOOK, LOGS])
@pytest.mark.parametrize("word", ["sigma", "variance", "log_variance", "log_sigma"])
def test_the_forms_are_proved_to_be_one(word: str, form: str) -> None:
    stable = subject("gaussian_kl", inputs=("mu", word))
    other = subject("gaussian_kl", form=form, inputs=("mu", word))
    change = (stable.terms, other.terms)
    said = stable.convention
    assert proved_right(Mutant("", "", "", said, "float64", lambda: abs, change))


def derivatives(mark: str, at: float, *numbers: float) -> list[float]:
    """Value, slope and second derivative of the cube of a marked number."""
    x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
    value = torch_marks.MEANINGS[mark](x, *numbers) ** 3
    (slope,) = torch.autograd.grad(value, x, create_graph=True)
    (second,) = torch.autograd.grad(slope, x)
    return [float(value.detach()), float(slope.detach()), float(second)]


@pytest.mark.parametrize(
    ("mark", "numbers", "there", "elsewhere"),
    [
        ("scaled", (-1.0,), [8, -12, 12], None),
        ("scaled_below", (0.0, 3.0), [8, 0, 0], 4.0),
        ("scaled_above", (2.0, 1.0), [8, 24, 48], 0.5),
        ("scaled_within", (2.0, 2.0, 0.1), [8, 24, 48], 3.0),
        ("curved", (2.0,), [8, 12, 24], None),
        ("curved_below", (0.0, 3.0), [8, 12, 0], 4.0),
        ("curved_within", (0.0, 2.0, 0.1), [8, 12, 0], 3.0),
        ("clipped", (7.0,), [8, 7, 0], 1.0),
        ("clamped_through", (-1.0, 1.0), [1, 3, 6], 0.5),
    ],
)
def test_a_mark_changes_what_it_says_and_nothing_else(
    mark: str, numbers: tuple, there: list[float], elsewhere: float | None
) -> None:
    assert derivatives(mark, 2.0, *numbers) == there
    if elsewhere is not None:
        x = elsewhere
        assert derivatives(mark, x, *numbers) == [x**3, 3 * x**2, 6 * x]


def test_functions_that_remember_are_made_anew() -> None:
    right = subject("gaussian_kl", inputs=("mu", "log_variance"))
    (remembers,) = [m for m in of_class(right, "chance") if "remembered" in m.words]
    zero, one = torch.zeros(2, 2), torch.ones(2, 2)
    first = remembers.make()
    assert torch.equal(first(zero, zero), first(one, one))
    assert not torch.equal(first(one, one), remembers.make()(one, one))


def trial(kind: str, verdict: Verdict | None, method: str = "oracle") -> Trial:
    found = Found(method, verdict, "because", "1e-14", 0.5)
    return Trial(f"a/{kind}", kind, "words", "claim", "float64", False, (found,))


def test_the_matrix_counts_each_fate() -> None:
    found = [
        trial("sign", Verdict.REFUTED),
        trial("sign", Verdict.AGREES),
        trial("sign", None),
        trial(RIGHT, Verdict.AGREES),
        trial(RIGHT, Verdict.REFUTED),
    ]
    cells = matrix.matrix(found, ["oracle"], kinds())
    assert cells["sign", "oracle"] == matrix.Cell(1, 1, 1, 0, 0, 1.5)
    assert cells[RIGHT, "oracle"] == matrix.Cell(0, 0, 0, 1, 1, 1.0)
    assert cells["all", "oracle"] == matrix.Cell(1, 1, 1, 1, 1, 2.5)


def test_a_survivor_has_a_reason_or_the_run_is_bad() -> None:
    known = trial("curvature", Verdict.AGREES, "peers")
    unknown = trial("sign", Verdict.AGREES, "peers")
    undecided = trial("sign", Verdict.UNDECIDED, "peers")
    assert reason(known, known.found[0]) == BLIND["peers"]["curvature"].words
    assert reason(unknown, unknown.found[0]) == ""
    assert reason(undecided, undecided.found[0]) == "undecided: because"
    assert Outcome((known,), ("peers",), whole=False).good
    assert not Outcome((unknown,), ("peers",), whole=False).good


def test_the_oracle_has_no_excuse_and_nobody_may_refute_what_is_right() -> None:
    undecided = trial("sign", Verdict.UNDECIDED)
    alarm = trial(RIGHT, Verdict.REFUTED, "peers")
    assert not Outcome((undecided,), ("oracle",), whole=False).good
    assert not Outcome((alarm,), ("peers",), whole=False).good


def test_a_reason_that_nobody_needs_is_noticed_and_so_is_a_loss_of_power() -> None:
    kills = [trial(kind, Verdict.REFUTED, "autograd") for kind in BLIND["autograd"]]
    lives = [trial(kind, Verdict.AGREES, "autograd") for kind in BLIND["autograd"]]
    assert len(stale(kills, ["autograd"])) == len(BLIND["autograd"])
    assert stale(lives, ["autograd"]) == []
    assert weaker(kills, ["autograd"]) == []
    assert len(weaker(lives, ["autograd"])) == len(BLIND["autograd"])


def test_every_reason_is_of_a_method_and_a_class_that_exist() -> None:
    assert {*BLIND} == {*METHODS}
    assert all({*rows} <= {*kinds()} - {RIGHT} for rows in BLIND.values())


def interrupted(parts: list[list[Trial]]) -> Iterator[list[Trial]]:
    yield from parts
    raise KeyboardInterrupt


def test_an_interrupted_run_prints_what_it_has(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = [[trial("sign", Verdict.REFUTED)]]
    monkeypatch.setattr(command, "trials", lambda *a, **k: interrupted(parts))
    assert command.mutants(method=["oracle"]) == 130
    assert "interrupted, so this is partial: 1 mutants" in capsys.readouterr().out
    assert command.mutants(method=["oracle"], json=True) == 130
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["partial"], len(said["mutants"])) == (False, True, 1)


def test_the_exit_status_tells_of_a_survivor_of_the_oracle(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for verdict, status in ((Verdict.REFUTED, 0), (Verdict.AGREES, 1)):
        parts = [[trial("sign", verdict)]]
        monkeypatch.setattr(command, "trials", lambda *a, p=parts, **k: iter(p))
        assert command.mutants(method=["oracle"], kind=["sign"]) == status
    assert "oracle: a/sign: words: nothing explains it" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"method": ["guess"]}, "--method: guess; it can be oracle, monte_carlo"),
        ({"kind": ["typo"]}, "--class: typo; it can be sign"),
        ({"only": "gaussian_kll"}, "the nearest: gaussian_kl"),
        ({"only": "foo"}, "the nearest: "),
    ],
)
def test_nonsense_is_refused_with_the_choices(
    given: dict, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.mutants(**given) == 2
    assert words in capsys.readouterr().err


def test_survivors_are_the_wrong_ones_that_were_judged() -> None:
    found = [trial(RIGHT, Verdict.AGREES), trial("sign", None)]
    assert (
        survivors([*found, trial("axis", Verdict.AGREES)], "oracle")[0][0].kind
        == "axis"
    )


def test_a_name_that_no_mutant_of_a_group_has_is_refused_with_the_nearest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = next(iter(groups())).mutants()[1].name
    monkeypatch.setattr(command, "trials", lambda *a, **k: iter([[]]))
    assert command.mutants(only=f"{known}x") == 2
    said = capsys.readouterr().err
    assert "no mutant has this name; the nearest: " in said
    assert known in said
    assert command.mutants(only=known, kind=["branch"]) == 2
    assert "none is of the class branch; there is " in capsys.readouterr().err


def test_survivors_stand_below_the_matrix_under_their_heading(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lives = [trial("sign", Verdict.AGREES)]
    monkeypatch.setattr(command, "trials", lambda *a, **k: iter([lives]))
    monkeypatch.setenv("COLUMNS", "60")
    command.mutants(method=["oracle"], kind=["sign"])
    said = capsys.readouterr().out.splitlines()
    heading = said.index("Survived:")
    assert said[0].startswith("class")
    assert said[heading + 1].startswith("oracle: a/sign: words")
    assert max(map(len, said)) <= 60
    dies = [trial("sign", Verdict.REFUTED)]
    monkeypatch.setattr(command, "trials", lambda *a, **k: iter([dies]))
    command.mutants(method=["oracle"], kind=["sign"])
    assert "Survived:" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict.REFUTED, "1 killed by one method or another; 0 more proved right; no"),
        (Verdict.AGREES, "nothing explains it"),
        (None, "interrupted before any mutant was judged"),
    ],
)
def test_an_interrupted_run_claims_only_what_it_knows(
    verdict: Verdict | None,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    parts = [[trial("sign", verdict)]] if verdict else []
    monkeypatch.setattr(command, "trials", lambda *a, **k: interrupted(parts))
    assert command.mutants(method=["oracle"]) == 130
    said = " ".join(capsys.readouterr().out.split())
    assert words in said
    assert ("nothing wrong so far" in said) == (verdict is Verdict.REFUTED)
    assert ("class" in said) == bool(parts)
