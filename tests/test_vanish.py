"""Exercise 1 as an experiment: what it finds, and that it could find otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from math import exp
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

torch = pytest.importorskip("torch")
pytest.importorskip("matplotlib")

from matplotlib.figure import Figure  # noqa: E402

from derivations import (  # noqa: E402
    nonsaturating_generator_loss,
    saturating_generator_loss,
)
from verify.commands import vanish as command  # noqa: E402
from verify.commands.options import INTERRUPTED, MISUSE  # noqa: E402
from verify.evidence import Verdict  # noqa: E402
from verify.vanish import flow as model  # noqa: E402
from verify.vanish import matplotlib_plots, torch_experiment  # noqa: E402
from verify.vanish.experiment import Experiment, StrengthError  # noqa: E402
from verify.vanish.flow import derived, escape_times, flow, passage  # noqa: E402
from verify.vanish.order import order, rescaling  # noqa: E402
from verify.vanish.outcome import (  # noqa: E402
    ADAM,
    AWAY,
    NONSATURATING,
    RATES,
    SATURATING,
    SGD,
    Escape,
    Start,
)
from verify.vanish.report import model_table, runs_table  # noqa: E402
from verify.vanish.torch_bound import bound  # noqa: E402
from verify.vanish.torch_escape import (  # noqa: E402
    ALL,
    LOSSES,
    escapes,
    gradients,
    starts,
)
from verify.vanish.torch_networks import copies, flat  # noqa: E402
from verify.vanish.torch_ratio import ratio  # noqa: E402
from verify.vanish.torch_setting import Setting, setting  # noqa: E402
from verify.vanish.torch_slopes import of_sample, pulled_back, roundings  # noqa: E402

BOTH: Any = tuple(LOSSES.items())
WEAK = (-2.0, -4.0)  # of few steps
LIMIT = 30


@pytest.fixture(scope="module")
def given() -> Setting:
    return setting(0, WEAK)


class Changed:
    """A loss whose terms are not those of the derived one."""

    def __init__(self, terms: Any) -> None:
        self.terms = terms

    def __call__(self, logits: Any) -> Any:
        return self.terms(logits).mean()


def test_the_losses_are_the_derived_ones() -> None:
    assert LOSSES[SATURATING] is saturating_generator_loss
    assert LOSSES[NONSATURATING] is nonsaturating_generator_loss


def test_the_discriminators_win_more_and_more(given: Setting) -> None:
    found = starts(given)
    for start, strength in zip(found, WEAK, strict=True):
        assert strength - 1 < start.mean <= strength
        assert start.exponential == pytest.approx(exp(start.mean))
        assert start.ratio < 1
    assert found[1].ratio < found[0].ratio


def test_a_strength_that_is_not_reached_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("verify.vanish.torch_setting.PATIENCE", 3)
    with pytest.raises(StrengthError, match=r"no mean logit of -2.0 in 3 steps"):
        setting(0, WEAK)


def test_a_seed_whose_discriminator_stays_weak_is_misuse(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("verify.vanish.torch_setting.PATIENCE", 3)
    assert command.vanish(seed=5) == MISUSE
    assert "--seed: no mean logit" in capsys.readouterr().err


def test_a_fault_of_the_checks_is_no_misuse(monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(seed: int) -> Setting:
        raise ValueError("a bug")

    monkeypatch.setattr(torch_experiment, "setting", faulty)
    with pytest.raises(ValueError, match="a bug"):
        command.vanish()


def test_the_same_seed_gives_the_same_bits(given: Setting) -> None:
    again = setting(0, WEAK)
    for one, other in zip(
        flat(given.discriminators), flat(again.discriminators), strict=True
    ):
        assert torch.equal(one, other)


def test_the_chain_rule_by_hand_is_that_of_autograd(given: Setting) -> None:
    generator = copies(given.generator, given.runs)
    logits = given.logits(generator)
    ones = torch.ones_like(logits)
    pulled = of_sample(pulled_back(given, generator, ones), 5)
    sizes = of_sample(pulled_back(given, generator, ones, absolute=True), 5)
    # each layer's slope is rounded too, and what it is the slope of
    allowed = 3 * roundings(given, generator, samples=1)
    right = torch.autograd.grad(logits[:, 5].sum(), flat(generator))
    for one, other, size in zip(pulled, right, sizes, strict=True):
        assert bool(((one - other).abs() <= allowed * size).all())


def test_the_ratio_is_e_to_the_h(given: Setting) -> None:
    found = ratio(given)
    assert found.verdict is Verdict.AGREES, found.figure


@pytest.mark.parametrize(
    "terms",
    [
        lambda h: torch.log(1 - torch.sigmoid(h) + 1e-8),
        lambda h: saturating_generator_loss.terms(h) * (1 + 1e-12),
        lambda h: saturating_generator_loss.terms(h.float()).double(),
        nonsaturating_generator_loss.terms,
        lambda h: torch.log(-h),
        lambda h: 0 * h,
    ],
    ids=["epsilon", "scale", "float32", "the other", "not a number", "zero"],
)
def test_another_ratio_is_refuted(given: Setting, terms: Any) -> None:
    losses = dict(LOSSES) | {SATURATING: Changed(terms)}
    found = ratio(given, losses)
    assert found.verdict is Verdict.REFUTED, found.figure


def test_a_factor_that_both_losses_have_is_refuted(given: Setting) -> None:
    """Their ratio is e^h still."""
    losses = {name: Changed(lambda h, t=loss: t.terms(h) / 2) for name, loss in BOTH}
    found = ratio(given, losses)
    assert found.verdict is Verdict.REFUTED, found.figure
    assert "slopes of L_NS" in found.figure


def test_the_gradient_is_within_the_bound(given: Setting) -> None:
    found = bound(given)
    assert found.verdict is Verdict.AGREES, found.figure


@pytest.mark.parametrize(
    "loss",
    [
        nonsaturating_generator_loss,
        lambda h: saturating_generator_loss.terms(h).sum() / 6,
        lambda h: saturating_generator_loss(h) / torch.zeros(()),
    ],
    ids=["the other", "a sum", "not a number"],
)
def test_a_longer_gradient_is_refuted(given: Setting, loss: Any) -> None:
    assert bound(given, loss=loss).verdict is Verdict.REFUTED


def test_runs_side_by_side_are_those_of_each_alone(given: Setting) -> None:
    alone = setting(0, WEAK[:1])
    for tried in ALL:
        together = list(escapes(given, tried, LIMIT))
        (first,) = [run for run in together if run.start == 0]
        assert list(escapes(alone, tried, LIMIT)) == [first]


def test_a_run_ends_where_the_mean_logit_is_above_the_edge(given: Setting) -> None:
    generator = copies(given.generator, given.runs)
    tried = (SGD, NONSATURATING)
    found = {run.start: run.steps for run in escapes(given, tried, 400)}
    assert None not in found.values()
    weights = flat(generator)
    for step in range(max(s for s in found.values() if s) + 1):
        means = given.logits(generator).detach().mean(-1).tolist()
        for run, steps in found.items():
            assert steps is not None
            assert (means[run] > AWAY) is (step >= steps)
        slopes = gradients(given, generator, LOSSES[NONSATURATING])
        with torch.no_grad():
            for weight, slope in zip(weights, slopes, strict=True):
                weight -= RATES[SGD] * slope


def test_a_run_that_stays_says_so(given: Setting) -> None:
    found = list(escapes(given, (SGD, SATURATING), 3))
    assert [(run.steps, run.least) for run in found] == [(None, 4), (None, 4)]


def runs(*steps: int | None, limit: int = 100) -> list[Escape]:
    """From one start: SGD with both losses, then Adam; the non-saturating first."""
    tried = [(o, loss) for o in (SGD, ADAM) for loss in (NONSATURATING, SATURATING)]
    return [Escape(0, t, s, limit) for t, s in zip(tried, steps, strict=False)]


@pytest.mark.parametrize(
    ("steps", "verdict"),
    [
        ((5, 50), Verdict.AGREES),
        ((5, None), Verdict.AGREES),
        ((50, 5), Verdict.REFUTED),
        ((5, 5), Verdict.REFUTED),
        ((None, 50), Verdict.REFUTED),
        ((None, None), Verdict.UNDECIDED),
        ((5,), Verdict.UNDECIDED),
        ((), Verdict.UNDECIDED),
    ],
)
def test_the_order_of_the_escapes(
    steps: tuple[int | None, ...], verdict: Verdict
) -> None:
    assert order(runs(*steps), 0, 0.0).verdict is verdict


@pytest.mark.parametrize(
    ("steps", "verdict"),
    [
        ((5, 50, 10, 12), Verdict.AGREES),
        ((5, 50, 12, 10), Verdict.AGREES),
        ((5, None, 10, 12), Verdict.AGREES),
        ((5, 50, 10, 100), Verdict.REFUTED),
        ((5, 50, 100, 2), Verdict.REFUTED),
        ((5, 50, 100, 10), Verdict.REFUTED),
        ((5, 50, 99, 10), Verdict.AGREES),
        ((50, None, 10, 90), Verdict.UNDECIDED),
        ((5, 50, 10, None), Verdict.UNDECIDED),
        ((5, 50, 10), Verdict.UNDECIDED),
        ((), Verdict.UNDECIDED),
    ],
)
def test_how_far_rescaling_undoes_it(
    steps: tuple[int | None, ...], verdict: Verdict
) -> None:
    assert rescaling(runs(*steps), 0, 0.0).verdict is verdict


@pytest.mark.parametrize("loss", [SATURATING, NONSATURATING])
def test_steps_of_the_model_enclose_the_derived_time(loss: str) -> None:
    found = [passage(loss, 3.0, step) for step in (1 / 8, 1 / 32)]
    assert all(one.inside for one in found)
    coarse, fine = (one.highest - one.lowest for one in found)
    assert fine < coarse / 3
    assert flow(found).verdict is Verdict.AGREES


def test_claim_1_18_has_its_evidence_without_torch() -> None:
    found = escape_times()
    assert found.verdict is Verdict.AGREES, found.figure
    assert found.method == "models"


@pytest.mark.parametrize("late", [-1, 1], ids=["a step early", "a step late"])
def test_a_count_that_is_off_by_one_is_refuted(
    late: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The enclosure is narrow enough to see a single step."""
    step, right = model.STEP, derived
    monkeypatch.setattr(
        model, "derived", lambda loss, depth: right(loss, depth) - late * step
    )
    assert flow([passage(loss, 4.0) for loss in LOSSES]).verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    "wrong",
    [lambda m: exp(m) + m, lambda m: exp(m) - m - 1, lambda m: exp(m) + m - 0.5],
    ids=["without - 1", "the sign of M", "half"],
)
def test_a_wrong_term_of_the_derived_time_is_refuted(
    wrong: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "derived", lambda loss, depth: wrong(depth))
    found = [passage(SATURATING, depth) for depth in (2.0, 4.0)]
    assert flow(found).verdict is Verdict.REFUTED


def test_a_derived_time_that_is_another_is_refuted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """e^M - 1, and the times of the two losses the wrong way round."""
    monkeypatch.setattr(model, "derived", lambda loss, depth: exp(depth) - 1)
    assert flow([passage(SATURATING, 3.0)]).verdict is Verdict.REFUTED
    other = {SATURATING: NONSATURATING, NONSATURATING: SATURATING}
    monkeypatch.setattr(
        model, "derived", lambda loss, depth: derived(other[loss], depth)
    )
    found = flow([passage(loss, 3.0) for loss in other])
    assert found.verdict is Verdict.REFUTED
    assert "non-saturating, M = 3" in found.figure


def test_too_few_steps_of_the_model_say_nothing() -> None:
    assert flow([passage(NONSATURATING, 3.0, 1.0)]).verdict is Verdict.UNDECIDED
    assert flow([]).verdict is Verdict.UNDECIDED


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, given: Setting) -> None:
    """The whole command on two weak discriminators and a shallow model."""
    monkeypatch.setattr(torch_experiment, "setting", lambda seed: given)
    monkeypatch.setattr(
        torch_experiment,
        "passages",
        lambda: ([passage(loss, 2.0) for loss in model.LOSSES], 0.0),
    )


@pytest.mark.usefixtures("small")
def test_the_command_prints_the_table_and_writes_the_plots(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.vanish(steps=150, out=tmp_path / "new") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "5 of 5 claims agree with these runs" in said
    names = ("gradients", "escapes", "flow")
    wanted = {f"{name}.{kind}" for name in names for kind in ("png", "svg")}
    assert {path.name for path in (tmp_path / "new").iterdir()} == wanted
    for path in (tmp_path / "new").iterdir():
        start = path.read_bytes()[:5]
        assert start == (b"\x89PNG\r" if path.suffix == ".png" else b"<?xml")


def found_in_full() -> Experiment:
    """What a whole run could find, the last start being one that L_G stays at."""
    found = Experiment(0, 5000)
    for place, depth in enumerate((2.2, 12.0)):
        found.starts.append(Start(-depth, exp(-depth), 6.5e-4, 12.3))
        for tried in ALL:
            stays = place and tried == (SGD, SATURATING)
            steps = None if stays else 2294
            found.escapes.append(Escape(place, tried, steps, 5000))
    found.passages += [passage(loss, 4.0) for loss in LOSSES]
    return found


@pytest.mark.parametrize("width", [60, 80])
def test_the_tables_fit(width: int) -> None:
    console = Console(width=width, record=True, file=StringIO())
    console.print(runs_table(found_in_full()), model_table(found_in_full()))
    said = console.export_text()
    assert max(len(line.rstrip()) for line in said.splitlines()) <= 60
    assert "…" not in said
    for words in ("-12.00", "6.1e-06", "0.00065", "never", "57.339 to 57.875"):
        assert words in said


def test_gradients_are_drawn_against_e_to_the_mean() -> None:
    axes = Figure().add_subplot()
    matplotlib_plots.PLOTS["gradients"](axes, found_in_full())
    assert axes.get_xscale() == axes.get_yscale() == "log"
    for line in axes.get_lines():
        assert list(line.get_xdata()) == [exp(-2.2), exp(-12.0)]


@pytest.mark.usefixtures("small")
def test_plots_that_cannot_be_written_lose_no_run(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(found: Experiment, folder: Path) -> Iterator[Path]:
        yield folder / "one.png"
        raise OSError("no space left")

    monkeypatch.setattr(matplotlib_plots, "plotted", full)
    assert command.vanish(steps=1, out=tmp_path) == 1
    said = capsys.readouterr()
    assert "of 5 claims agree" in " ".join(said.out.split())
    assert "one.png" in said.out
    assert "--out: no space left" in said.err


@pytest.mark.usefixtures("small")
def test_an_interruption_of_the_plots_loses_no_run(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def torn(found: Experiment, folder: Path) -> Iterator[Path]:
        yield folder / "one.png"
        raise KeyboardInterrupt

    monkeypatch.setattr(matplotlib_plots, "plotted", torn)
    assert command.vanish(steps=1, out=tmp_path, json=True) == INTERRUPTED
    said = json.loads(capsys.readouterr().out)
    assert said["partial"] is True
    assert [Path(path).name for path in said["plots"]] == ["one.png"]
    assert len(said["escapes"]) == len(WEAK) * len(ALL)


@pytest.mark.usefixtures("small")
def test_the_command_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.vanish(steps=2, json=True) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["command"], said["ok"], said["partial"]) == ("vanish", False, False)
    assert len(said["escapes"]) == len(WEAK) * len(ALL)
    assert {run["steps"] for run in said["escapes"]} == {None}
    assert said["starts"][0]["ratio"] < 1
    assert [one["verdict"] for one in said["evidence"]].count("undecided") == 2
    assert {one["loss"] for one in said["passages"]} == {SATURATING, NONSATURATING}


@pytest.mark.usefixtures("small")
def test_an_interruption_leaves_a_part_of_the_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(*given: Any) -> Iterator[Escape]:
        if given[1] == ALL[1]:
            raise KeyboardInterrupt
        yield from escapes(*given)

    monkeypatch.setattr(torch_experiment, "escapes", torn)
    assert command.vanish(steps=200) == INTERRUPTED
    said = capsys.readouterr().out
    assert "interrupted, so this is partial: 1 of 1" in said
    assert "?" in said.splitlines()[2]


def test_an_interruption_before_the_first_row_leaves_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def torn(seed: int) -> Setting:
        raise KeyboardInterrupt

    monkeypatch.setattr(torch_experiment, "setting", torn)
    assert command.vanish(json=True, out=tmp_path) == INTERRUPTED
    said = json.loads(capsys.readouterr().out)
    assert (said["partial"], said["starts"], said["plots"]) == (True, [], [])
    assert list(tmp_path.iterdir()) == []
    assert command.vanish() == INTERRUPTED
    (line,) = capsys.readouterr().out.splitlines()
    assert (
        line == "interrupted, so this is partial: 0 of 0 claims agree with these runs"
    )


def test_what_was_not_found_is_not_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matplotlib_plots, "KINDS", ("svg",))
    found = found_in_full()
    found.passages.clear()
    found.escapes.clear()
    drawn = [path.name for path in matplotlib_plots.plotted(found, tmp_path)]
    assert drawn == ["gradients.svg"]


def test_a_folder_with_content_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "kept").write_text("mine")
    assert command.vanish(out=tmp_path) == MISUSE
    assert "is not empty" in capsys.readouterr().err
    assert command.vanish(out=tmp_path / "kept") == MISUSE
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert (tmp_path / "kept").read_text() == "mine"


def test_what_is_missing_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    assert command.vanish() == MISUSE
    assert 'pip install "lossproof[models]"' in capsys.readouterr().err
