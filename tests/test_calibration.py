"""How often right losses are refuted: the count is right, and a false alarm is seen."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from cyclopts import CycloptsError
from scipy.stats import binom

from verify.application import app
from verify.budget import Budget
from verify.calibration import trial
from verify.calibration.count import alarms, margins, rates, vectors
from verify.calibration.intervals import CONFIDENCE, clopper_pearson
from verify.calibration.legitimate import candidates, implementations
from verify.calibration.trial import (
    RATES,
    ROUNDING,
    SAMPLING,
    Task,
    Trial,
    tasks,
    tried,
)
from verify.commands import calibrate as command
from verify.commands.options import INTERRUPTED, MISUSE
from verify.evidence import Verdict
from verify.losses.call import evaluated
from verify.losses.candidate import Candidate
from verify.losses.loss import LOSSES, SCALES
from verify.losses.points import cases
from verify.oracle.comparison import compared
from verify.oracle.expected import expected
from verify.oracle.judge import cannot, judged

pytest.importorskip("torch")
MANY = 8
MAIN = (
    "gaussian_kl",
    "saturating_generator_loss",
    "nonsaturating_generator_loss",
    "discriminator_loss",
)
JUDGED = [c for c in candidates() if c.framework != "jax" and not cannot(c.convention)]


@pytest.mark.parametrize("loss", MAIN)
def test_there_are_at_least_eight_implementations(loss: str) -> None:
    assert len([i for i in implementations() if i.loss == loss]) >= MANY


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_has_several_implementations(loss: str) -> None:
    assert len({i.name for i in implementations() if i.loss == loss}) > 1


def test_every_parametrisation_of_the_divergence_has_several() -> None:
    of_kl = Counter(i.words[1] for i in implementations() if i.loss == "gaussian_kl")
    assert set(of_kl) == set(SCALES)
    assert min(of_kl.values()) >= 4


def test_no_implementation_stands_twice() -> None:
    seen = Counter((c.name, str(c.convention), c.dtype) for c in candidates())
    assert max(seen.values()) == 1


@pytest.mark.parametrize("loss", sorted({c.convention.loss.name for c in JUDGED}))
def test_every_implementation_is_right_on_one_batch(loss: str) -> None:
    """On one small batch; `python -m verify calibrate` takes all of them."""
    for one in JUDGED:
        if one.convention.loss.name != loss:
            continue
        case = cases(one.convention, one.dtype, 7, Budget.STANDARD)[1]
        batch = expected(one.convention, case, np.random.default_rng(7))
        results = evaluated(one, case.arrays, batch.weights)
        for part in compared(results, batch, one):
            assert part.worst.share <= 1, (trial.label(one), part.quantity)


def test_an_implementation_that_is_wrong_in_one_dtype_is_refuted_there() -> None:
    """torch's softplus stands for float32 alone: in float64 its threshold is seen."""
    (row,) = (
        i
        for i in implementations()
        if i.name == "F.softplus" and i.loss == "saturating_generator_loss"
    )
    (single,) = row.candidates()
    assert judged(single).verdict is Verdict.AGREES
    assert judged(replace(single, dtype="float64")).verdict is Verdict.REFUTED


@pytest.mark.parametrize(("hits", "trials"), [(0, 40), (1, 40), (7, 90), (90, 90)])
def test_the_ends_of_an_interval_are_as_improbable_as_they_should_be(
    hits: int, trials: int
) -> None:
    tail = (1 - CONFIDENCE) / 2
    lower, upper = clopper_pearson(hits, trials)
    assert lower <= hits / trials <= upper
    if hits:
        assert binom.sf(hits - 1, trials, lower) == pytest.approx(tail)
    if hits < trials:
        assert binom.cdf(hits, trials, upper) == pytest.approx(tail)


@pytest.mark.parametrize("rate", RATES)
def test_an_interval_holds_the_rate_as_often_as_it_says(rate: float) -> None:
    trials = 200
    inside = [
        k
        for k in range(trials + 1)
        if np.less_equal(*clopper_pearson(k, trials)[:1], rate)
        and rate <= clopper_pearson(k, trials)[1]
    ]
    assert binom.pmf(inside, trials, rate).sum() >= CONFIDENCE


def test_an_interval_without_trials_says_nothing() -> None:
    assert clopper_pearson(0, 0) == (0.0, 1.0)
    with pytest.raises(ValueError, match="3 of 2"):
        clopper_pearson(3, 2)


def judgements(method: str, nominal: float, runs: int, hits: int) -> list[Trial]:
    alarm = Trial(method, nominal, "a: b, float64", 0, "off", True)
    return [alarm] * hits + [replace(alarm, seed=1, alarm="")] * (runs - hits)


def rate_of(found: Sequence[Trial], method: str, nominal: float) -> Any:
    return next(r for r in rates(found) if (r.method, r.nominal) == (method, nominal))


@pytest.mark.parametrize("method", ROUNDING)
def test_one_false_alarm_breaks_a_method_that_only_allows_for_rounding(
    method: str,
) -> None:
    assert rate_of(judgements(method, 0.0, 10_000, 0), method, 0.0).kept
    broken = judgements(method, 0.0, 10_000, 1)
    assert not rate_of(broken, method, 0.0).kept
    assert [t.seed for t in alarms(broken)] == [0]


@pytest.mark.parametrize("nominal", RATES)
def test_a_rate_is_broken_by_too_many_alarms_alone(nominal: float) -> None:
    runs = 20_000
    as_promised = judgements(SAMPLING, nominal, runs, round(nominal * runs))
    twice = judgements(SAMPLING, nominal, runs, round(2 * nominal * runs))
    assert rate_of(as_promised, SAMPLING, nominal).kept
    assert not rate_of(twice, SAMPLING, nominal).kept
    assert not alarms(twice)


def test_undecided_judgements_are_not_runs() -> None:
    found = [*judgements("peers", 0.0, 3, 0), Trial("peers", 0.0, "c", 9, "", False)]
    rate = rate_of(found, "peers", 0.0)
    assert (rate.runs, rate.undecided) == (3, 1)


def test_the_margin_is_the_largest_share() -> None:
    one, other = judgements("oracle", 0.0, 2, 0)
    found = [
        replace(one, shares={"value": 0.2, "gradient": 0.4}, vectors=3),
        replace(other, shares={"value": 0.3}, vectors=5),
    ]
    assert {m.quantity: m.share for m in margins(found)} == {
        "value": 0.3,
        "gradient": 0.4,
    }
    assert vectors(found) == 8


def test_runs_of_monte_carlo_share_no_draws() -> None:
    work = [task for task in tasks([0], 200) if not task.method]
    assert sum(task.runs for task in work) == 200
    seeds = [trial.seed_of(task, run) for task in work for run in range(task.runs)]
    assert len(set(seeds)) == 200


def smallest_group() -> int:
    """Of a loss of one argument, as these are the quickest."""
    some = [
        place
        for place, group in enumerate(trial.groups())
        if group[0].convention.loss.name == "saturating_generator_loss"
    ]
    return min(some, key=lambda place: len(trial.groups()[place]))


def test_every_method_judges_the_implementations_of_a_task() -> None:
    group = smallest_group()
    for method in ROUNDING:
        found = tried(Task(group, 0, method))
        assert len(found) == len(trial.groups()[group])
        assert not alarms(found)
    sampled = tried(Task(group, 0, runs=2))
    assert Counter(t.nominal for t in sampled) == dict.fromkeys(RATES, 2)
    assert len({t.seed for t in sampled}) == 2


def test_a_method_that_cries_wolf_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = trial.methods.judged

    def crying(method: str, one: Candidate, *, seed: int) -> Any:
        return replace(honest(method, one, seed=seed), verdict=Verdict.REFUTED)

    monkeypatch.setattr(trial.methods, "judged", crying)
    found = tried(Task(smallest_group(), 0, "oracle"))
    assert len(alarms(found)) == len(found)
    assert not rate_of(found, "oracle", 0.0).kept


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[Trial]], None]:
    """Replace the work by what it finds."""

    def set_to(found: list[Trial]) -> None:
        def mapped(work: Any, items: Any) -> Iterator[list[Trial]]:
            yield found

        monkeypatch.setattr(command, "mapped", mapped)

    return set_to


def test_the_command_says_whether_every_rate_is_kept(
    in_process: Callable, capsys: pytest.CaptureFixture
) -> None:
    in_process(judgements("oracle", 0.0, 5, 0))
    assert command.calibrate(seeds=1, runs=1) == 0
    assert "every rate is kept" in capsys.readouterr().out
    in_process(judgements("oracle", 0.0, 5, 1))
    assert command.calibrate(seeds=1, runs=1) == 1
    printed = capsys.readouterr().out
    assert "rates broken: 1" in printed
    assert "oracle, seed 0: a: b, float64: off" in printed


def test_nothing_judged_is_no_success(
    in_process: Callable, capsys: pytest.CaptureFixture
) -> None:
    in_process([])
    assert command.calibrate(seeds=1, runs=1) == 1
    assert "nothing was judged" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--runs", "--seeds"])
def test_a_count_below_one_is_misuse(option: str) -> None:
    with pytest.raises(CycloptsError, match="Must be > 0"):
        app(["calibrate", option, "0"], exit_on_error=False, print_error=False)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"method": ["guess"]}, "--method: guess; it can be oracle, monte_carlo"),
        ({"only": "gaussian_lk"}, "no loss has this name; the nearest: gaussian_kl"),
    ],
)
def test_nonsense_is_refused_with_the_choices(
    given: dict, words: str, capsys: pytest.CaptureFixture
) -> None:
    assert command.calibrate(**given) == MISUSE
    assert words in capsys.readouterr().err


def test_it_runs_in_part() -> None:
    every = tasks(range(3), 200)
    asked = {task.method or SAMPLING for task in every}
    assert asked == {*ROUNDING, SAMPLING}
    some = tasks(range(3), 200, asked=["peers", SAMPLING], only="gaussian_kl")
    assert {task.method or SAMPLING for task in some} == {"peers", SAMPLING}
    losses = {trial.groups()[task.group][0].convention.loss.name for task in some}
    assert losses == {"gaussian_kl"}
    assert sum(task.runs for task in some) == 200


def test_the_oracle_alone_has_every_seed_and_the_first_of_them_comes_first() -> None:
    every = [task for task in tasks(range(3), 200) if task.method]
    seeds = {m: {t.seed for t in every if t.method == m} for m in ROUNDING}
    assert seeds == {"oracle": {0, 1, 2}, "autograd": {0}, "peers": {0}}
    later = [task.seed > 0 for task in every]
    assert later == sorted(later)


def test_the_oracle_has_more_than_a_hundred_thousand_pairs() -> None:
    quick = [g for g in trial.groups() if g[0].framework != trial.SLOW]
    seeds = range(command.SEEDS)
    pairs = (
        trial.vectors(c.convention, c.dtype, s) for s in seeds for c in sum(quick, ())
    )
    assert sum(pairs) > 100_000


def test_the_command_prints_json(
    in_process: Callable, capsys: pytest.CaptureFixture
) -> None:
    in_process(judgements(SAMPLING, 0.1, 50, 2))
    assert command.calibrate(seeds=1, runs=1, json=True) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["command"] == "calibrate"
    assert document["ok"]
    (row,) = (r for r in document["rates"] if r["nominal"] == 0.1)
    assert (row["runs"], row["alarms"]) == (50, 2)


def test_an_interruption_leaves_partial_results(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def mapped(work: Any, items: Any) -> Iterator[list[Trial]]:
        yield judgements("oracle", 0.0, 5, 0)
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "mapped", mapped)
    assert command.calibrate(seeds=1, runs=1) == INTERRUPTED
    said = capsys.readouterr().out
    assert "partial" in said
    assert "no rate broken so far" in said
    assert "every rate is kept" not in said
    assert "autograd" not in said  # which has judged nothing
