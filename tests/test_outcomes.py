"""What a run is judged by and shown in: figures, samples, pictures, seeds."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.linalg import sqrtm

from training_runs import SHORT, run_of
from verify.training.frechet import squared_frechet_distance
from verify.training.principal import error_of_components
from verify.training.seeds import seed_of

ROUNDOFF = 2.0**-53


def test_the_frechet_distance_of_known_gaussians() -> None:
    """Of samples standardised exactly, moved and scaled: |m|^2 + n (s - 1)^2."""
    rng = np.random.default_rng(0)
    drawn = rng.standard_normal((50, 3))
    whitened = np.linalg.solve(np.linalg.cholesky(np.cov(drawn.T)), drawn.T).T
    whitened -= whitened.mean(0)
    for shift, scale in ((0.0, 1.0), (2.0, 1.0), (0.5, 3.0)):
        expected = 3 * shift**2 + 3 * (scale - 1) ** 2
        found = squared_frechet_distance(whitened, shift + scale * whitened)
        # sums of at most 50 terms, over traces of at most 27
        assert abs(found - expected) < 50 * 4 * 27 * ROUNDOFF
    with pytest.raises(ValueError, match="need"):
        squared_frechet_distance(whitened, whitened[:, :2])
    with pytest.raises(ValueError, match="need"):
        squared_frechet_distance(whitened[:1], whitened)
    with pytest.raises(ValueError, match="not finite"):
        squared_frechet_distance(whitened, np.full((4, 3), np.nan))


def test_the_frechet_distance_is_that_of_its_definition() -> None:
    rng = np.random.default_rng(1)
    first = rng.standard_normal((40, 4)) @ rng.standard_normal((4, 4))
    second = rng.standard_normal((30, 4)) @ rng.standard_normal((4, 4)) + 1
    here, there = np.cov(first.T), np.cov(second.T)
    apart = first.mean(0) - second.mean(0)
    expected = apart @ apart + np.trace(here + there - 2 * sqrtm(here @ there).real)
    condition = np.linalg.cond(here) * np.linalg.cond(there)
    allowed = 40 * condition * np.trace(here + there) * ROUNDOFF  # of the matrix's root
    assert abs(squared_frechet_distance(first, second) - expected) < allowed


def test_singular_covariances_lose_no_digits() -> None:
    """Fewer rows than coordinates; one line; two lines at a right angle; the same."""
    rng = np.random.default_rng(2)
    few, one = rng.standard_normal((3, 50)), np.array([[-1.0], [0.0], [1.0]])
    line, across = one * np.eye(1, 50), one * np.eye(1, 50, 7)
    for first, second, expected in (
        (few, few, 0.0),
        (few, few + 1, 50.0),
        (line, 3 * line, 4.0),  # (3 - 1)^2 of the standard deviations
        (line, across, 2.0),  # nothing is shared: the sum of the variances
        (line, 0 * line, 1.0),
    ):
        found = squared_frechet_distance(first, second)
        size = np.square(first).sum() + np.square(second).sum()
        assert found >= 0
        assert abs(found - expected) <= 50 * 4 * size * ROUNDOFF


def test_the_error_of_components_is_what_the_others_hold() -> None:
    """On the training rows it is the sum of the eigenvalues that are left, over n."""
    rows = np.random.default_rng(1).standard_normal((40, 5)) * [5, 4, 3, 2, 1]
    values = np.linalg.eigvalsh(np.cov(rows.T, bias=True))[::-1]
    for k in range(1, 6):
        found = error_of_components(rows, rows, k)
        assert abs(found - values[k:].sum() / 5) < 1e-12  # 5 values of about 25


def test_the_components_and_their_centre_are_those_of_the_training_rows() -> None:
    """Test rows moved along what is left out are all the worse by the move's square."""
    rows = np.diag([3.0, 2.0, 1.0]).repeat(2, 0) * np.tile([[1.0], [-1.0]], (3, 1))
    for k, moved in product((1, 2), (0.0, 10.0)):
        kept = error_of_components(rows, rows + np.array([moved, 0, 0]), k)
        left = error_of_components(rows, rows + np.array([0, 0, moved]), k)
        plain = np.square(rows[:, k:]).sum() / rows.size
        assert abs(kept - plain) < 1e-12  # some 20 roundings of squares below 200
        assert abs(left - plain - moved**2 / 3) < 1e-12


def test_no_two_uses_of_randomness_share_a_stream() -> None:
    """Also in the lowest 32 bits, all that torch's generator on a CPU looks at."""
    seeds = (0, 1, 2**31, 2**32, 2**40 + 1, 2**63 - 1)
    uses = [("start", 0), ("noise", 0), ("judging", 0)]
    uses += [("order", epoch) for epoch in range(9)]
    found = [seed_of(seed, *use) for seed, use in product(seeds, uses)]
    assert len({number % 2**32 for number in found}) == len(seeds) * len(uses)
    assert all(0 <= number < 2**63 for number in found)


torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")
pytest.importorskip("matplotlib")
from verify.data.named import dataset  # noqa: E402 - after the skip
from verify.training import matplotlib_pictures as pictures  # noqa: E402
from verify.training.options import completed  # noqa: E402
from verify.training.torch_outcome import SAMPLES, outcome  # noqa: E402
from verify.training.torch_session import Session  # noqa: E402


def session(**given: object) -> Session:
    data = dataset("gaussian")
    whole = {"data": "gaussian", "device": "cpu", "batch": 64, "dtype": "float64"}
    return Session(completed(whole | given, data), data)


@pytest.mark.parametrize("other", [1, 2**32])
def test_another_seed_is_another_start_another_noise_and_another_order(other) -> None:
    one, two = session(model="gan"), session(model="gan", seed=other)
    assert not torch.equal(one.order.next(), two.order.next())
    assert not torch.equal(one.noise(), two.noise())
    starts = (run.tensors()["model.generator.0.weight"] for run in (one, two))
    assert not torch.equal(*starts)


def test_samples_are_not_of_the_noise_that_was_trained_on() -> None:
    run = session(model="gan")
    made = outcome(run, dataset("gaussian")).samples
    with torch.no_grad():
        trained_on = run.model.picture(run.noise())
    apart = np.abs(made[:64] - trained_on.numpy()).max()
    assert apart > 1e-3  # of numbers of order 1


def test_samples_of_a_vae_of_points_have_the_decoders_noise() -> None:
    run, scale = session(model="vae"), 100.0
    with torch.no_grad():
        run.model.decoder_log_variance.fill_(2 * math.log(scale))
    made = outcome(run, dataset("gaussian"))
    # its mean moves by a few units, so nearly all is noise; five standard errors
    allowed = 5 * scale / math.sqrt(2 * SAMPLES) + 3
    assert np.all(abs(made.samples.std(0) - scale) < allowed)
    assert made.reconstructions is not None
    assert made.reconstructions.std() < 3  # a mean


def test_judging_leaves_the_runs_random_numbers_alone() -> None:
    run = session(model="vae")
    before = run.generator.get_state(), torch.random.get_rng_state()
    first, again = (outcome(run, dataset("gaussian")).figures for _ in range(2))
    assert first == again
    after = run.generator.get_state(), torch.random.get_rng_state()
    assert all(map(torch.equal, before, after))


def test_pictures_name_what_they_show() -> None:
    rows = np.linspace(0, 1, 6 * 12).reshape(6, 12)
    names = {"across": ["-2", "0", "2"], "down": ["z1", "z2"]}
    (axes,) = pictures.of_images(rows, (3, 4), "a title", 3, **names).axes
    assert axes.get_title() == "a title"
    assert [t.get_text() for t in axes.get_xticklabels()] == names["across"]
    assert [t.get_text() for t in axes.get_yticklabels()] == names["down"]
    (image,) = axes.images
    assert (image.norm.vmin, image.norm.vmax) == (0, 1)  # one scale for all of them
    for place, middle in enumerate(axes.get_xticks()):  # in the middle of its column
        left = place * 5
        assert middle == left + 1.5
        assert np.array_equal(
            image.get_array()[:3, left : left + 4].ravel(), rows[place]
        )
    lines = [{"step": 10, "loss": 3.0, "mean_logit": 1.0, "vae_gradient": 2.0}]
    panels = pictures.curves(lines, "a title").axes
    titles = [panel.get_title() for panel in panels]
    assert titles == ["loss (nats)", "mean logit", "vae gradient (norm)"]
    assert all(panel.lines[0].get_marker() == "." for panel in panels)  # one point


def test_few_points_are_drawn_large_and_all_on_one_scale() -> None:
    many, few = np.zeros((pictures.MANY + 1, 2)), np.array([[0.0, 0.0], [30.0, 1.0]])
    (axes,) = pictures.of_points({"data": many, "samples": few}, "t", lines=False).axes
    sizes = {line.get_label(): line.get_markersize() for line in axes.lines}
    assert sizes["samples"] > sizes["data"]
    assert axes.get_aspect() == 1
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(sizes)


@pytest.mark.parametrize(("data", "said"), [("ring", "ring, a toy,"), ("digits", "")])
def test_a_toy_is_called_one_in_its_pictures(data, said, tmp_path, monkeypatch) -> None:
    from verify.training import torch_run

    titles: list[str] = []

    def album(*given: object) -> list[str]:
        titles.append(str(given[-1]))
        return []

    monkeypatch.setattr(torch_run, "album", album)
    run = run_of(SHORT["gan"] | {"data": data, "steps": 1}, tmp_path / "run")
    assert run.train(lambda line: None)
    assert run.finish()["toy"] == bool(said)
    (title,) = titles
    assert said in title
    assert ("toy" in title) == bool(said)


def test_the_options_of_a_run_keep_the_seed_as_given() -> None:
    """So that what is written down begins the same run."""
    run = session(model="gan", seed=7)
    assert run.options.seed == 7
    same = Session(replace(run.options), dataset("gaussian"))
    assert all(map(torch.equal, run.tensors().values(), same.tensors().values()))
