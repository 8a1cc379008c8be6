"""Draws and their sums: of the law, in every process alike, and added exactly."""

from __future__ import annotations

from fractions import Fraction
from importlib.util import find_spec

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import kstest

from verify.accuracy.formats import FORMATS
from verify.losses.convention import convention
from verify.monte_carlo.gain import gain
from verify.monte_carlo.moments import Moments
from verify.monte_carlo.noise import COLUMNS, Design, independent, normals, stratified
from verify.monte_carlo.plan import probes
from verify.monte_carlo.quasi import points, replicated
from verify.monte_carlo.sampling import Alone, Place, sampled

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="torch is missing")
FLOAT64 = FORMATS["float64"]


@pytest.mark.parametrize("design", [Design(2**12), stratified(2**12)])
def test_each_column_is_normal_and_no_two_are_alike(design: Design) -> None:
    found = normals(design, 5, 0, 0)
    assert found.shape == (2**12, COLUMNS)
    for column in found.T:
        assert kstest(column, "norm").pvalue > 1e-6
    apart = np.corrcoef(found.T) - np.eye(COLUMNS)
    assert np.abs(apart).max() < 6 / np.sqrt(2**12)


def test_every_stratum_is_met_once_in_every_round() -> None:
    design = stratified(2**14)
    assert design.blocks == 2
    found = np.concatenate([normals(design, 1, 0, b) for b in range(2)])
    numbers = np.floor(ndtr(found) * design.strata)
    assert np.array_equal(np.sort(numbers, axis=0)[:, 3], np.arange(2**14))
    more = Design(2**13, 2**12)
    both = np.concatenate([normals(more, 1, 0, b) for b in range(more.blocks)])
    counts = np.bincount(np.floor(ndtr(both[:, 0]) * 2**12).astype(int))
    assert (counts == 2).all()


def test_seeds_streams_and_blocks_are_different_and_repeatable() -> None:
    design = Design(2**14)
    found = [
        normals(design, seed, stream, block)[0, 0]
        for seed in (0, 1)
        for stream in (0, 1)
        for block in (0, 1)
    ]
    assert len(set(found)) == 8
    again = normals.__wrapped__(design, 0, 0, 1)
    assert np.array_equal(normals(design, 0, 0, 1), again)
    with pytest.raises(ValueError, match="read-only"):
        normals(design, 0, 0, 0)[0, 0] = 0.0


def test_a_design_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="need a multiple"):
        Design(100, 64)
    assert stratified(1000).draws == 1024
    assert independent(10_000).draws == 2**14


def test_moments_are_added_exactly_in_any_order() -> None:
    """Numbers of any magnitude: the sum is the rational one, and so is the spread."""
    rng = np.random.default_rng(2)
    values = rng.standard_normal((64, 1)) * 10.0 ** rng.integers(-200, 150, (64, 1))
    blocks = []
    for part in values.reshape(8, 8, 1):
        total = np.array([float(sum(map(Fraction, part[:, 0])))])
        mean = total / 8
        blocks.append(Moments.of_block(8, total, ((part - mean) ** 2).sum(0)))
    one, other = blocks[0], blocks[-1]
    for block in blocks[1:]:
        one = one + block
    for block in reversed(blocks[:-1]):
        other = block + other
    assert one == other
    halves = (blocks[0] + blocks[1] + blocks[2]) + (blocks[3] + blocks[4])
    assert halves + (blocks[5] + (blocks[6] + blocks[7])) == one
    assert one.count == 64
    assert one.totals[0] == sum(block.totals[0] for block in blocks)


def test_the_deviation_is_that_of_all_draws_together() -> None:
    values = np.random.default_rng(3).normal(1e6, 1.0, (4, 1000, 2))
    moments = [
        Moments.of_block(1000, v.sum(0), ((v - v.mean(0)) ** 2).sum(0)) for v in values
    ]
    whole = moments[0] + moments[1] + moments[2] + moments[3]
    flat = values.reshape(-1, 2)
    assert whole.means == pytest.approx(flat.mean(0), rel=1e-14)
    assert whole.deviations == pytest.approx(flat.std(0, ddof=1), rel=1e-8)
    assert np.isnan(Moments.of_block(1, np.ones(2), np.zeros(2)).deviations).all()


def test_what_processes_have_does_not_depend_on_their_number() -> None:
    """Three that take every third block each: the same rational numbers."""
    sheet = probes(convention("gaussian_kl"), "float64")[3].sheets[0]
    design = stratified(2**16)
    whole = sampled(sheet, design, 4)

    def of(rank: int) -> Moments:
        return sampled(sheet, design, 4, Place(team=Alone(rank, 3)))

    assert of(2) + of(0) + of(1) == whole


@needs_torch
@pytest.mark.parametrize(
    "device",
    ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)],
)
@pytest.mark.parametrize("name", ["gaussian_kl", "multivariate_gaussian_kl"])
def test_torch_has_the_means_of_numpy(name: str, device: str) -> None:
    torch = pytest.importorskip("torch")
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    probe = probes(convention(name), "float64")[-1]
    sheet, design = probe.sheets[0], Design(2**13)
    ours = sampled(sheet, design, 0)
    theirs = sampled(sheet, design, 0, Place("torch", device))
    assert (np.abs(ours.means - theirs.means) <= 2 * sheet.rounding).all()


def test_scrambled_points_are_even_and_repeatable() -> None:
    found = points(2, 256, 0, 0)
    cells = np.floor(ndtr(found[:, :2]) * 16).astype(int)
    assert len({tuple(cell) for cell in cells.tolist()}) == 256
    assert (found[:, 2:] == 0).all()
    assert np.array_equal(found, points(2, 256, 0, 0))
    assert not np.array_equal(found, points(2, 256, 0, 1))


def test_strata_buy_as_much_as_scrambled_points() -> None:
    """Both make errors ten times smaller and more, where coordinates mix as well."""
    for name in ("gaussian_kl", "multivariate_gaussian_kl"):
        found = gain(convention(name), 2**10, 0)
        assert found.strata > 10
        assert found.sobol > 10


def test_scrambled_points_buy_resolution_where_coordinates_mix() -> None:
    """At equal draws the standard error is a tenth or less; it is about a fortieth."""
    probe = probes(convention("multivariate_gaussian_kl"), "float64")[2]
    sheet, replicates, count = probe.sheets[0], 16, 1024
    free = sampled(sheet, Design(replicates * count), 0)
    error = free.deviations / np.sqrt(replicates * count)
    even = replicated(sheet, sheet.size, count, 0, replicates=replicates)
    assert np.median(even.standard_error / error) < 0.1
    assert (even.tolerance(0.01) > 2.57 * even.standard_error).all(), "Student's t"
    apart = np.abs(even.mean - free.means)
    assert (apart <= 7 * np.hypot(error, even.standard_error)).all()
