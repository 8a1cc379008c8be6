"""Draws made on a GPU are NumPy's, and so are their means; 1e9 is a number of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cyclopts import CycloptsError, Token

torch = pytest.importorskip("torch")
from devices import CUDA, DEVICES  # noqa: E402
from verify.application import app  # noqa: E402
from verify.commands import sample as command  # noqa: E402
from verify.losses.convention import convention  # noqa: E402
from verify.losses.loss import LOSSES  # noqa: E402
from verify.monte_carlo import noise, torch_arrays, torch_noise  # noqa: E402
from verify.monte_carlo.noise import Design, stratified  # noqa: E402
from verify.monte_carlo.plan import probes  # noqa: E402
from verify.monte_carlo.sampling import Alone, Place, sampled  # noqa: E402

DESIGNS = {
    "independent": Design(2**13),
    "strata": stratified(2**14),
    "small": stratified(64),
    "rounds": Design(2**14, 2**13),
}


@pytest.mark.parametrize("device", DEVICES)
def test_the_words_are_those_of_numpys_philox(device: str) -> None:
    keys = np.array([[0, 0], [2**64 - 1, 2**63], [12345, 2**32]], dtype=np.uint64)
    given = torch.from_numpy(keys.view(np.int64)).to(device)
    found = torch_noise.philox(given, 1000).cpu().numpy().view(np.uint64)
    for row, (low, high) in zip(found, keys.tolist(), strict=True):
        theirs = np.random.Philox(key=low + (high << 64)).random_raw(4000)
        assert np.array_equal(row, theirs)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", DESIGNS)
def test_the_draws_are_those_of_numpy_to_the_rounding_of_ndtri(
    name: str, device: str
) -> None:
    design = DESIGNS[name]
    blocks = range(design.blocks)
    theirs = np.concatenate([noise.normals(design, 3, 5, b) for b in blocks])
    found = torch_noise.normals(design, 3, 5, blocks, device).cpu().numpy()
    assert found.shape == theirs.shape
    # a rational function of ten terms, of a logarithm and a root
    assert (np.abs(found - theirs) <= 32 * 2.0**-53 * (1 + np.abs(theirs))).all()


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", LOSSES)
def test_the_means_of_many_blocks_at_once_are_numpys(
    name: str, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch_arrays, "together", lambda design, device: 2)
    monkeypatch.setattr(torch_arrays, "normals", torch_noise.normals)
    source = probes(convention(name), "float64")[-1].sheets[0]
    design = stratified(2**16)
    ours = sampled(source, design, 0)
    theirs = sampled(source, design, 0, Place("torch", device))
    assert theirs.count == ours.count == 2**16
    assert (np.abs(ours.means - theirs.means) <= 2 * source.rounding).all()
    spread = np.maximum(ours.deviations, 1e-300)
    assert np.abs(ours.deviations / spread - theirs.deviations / spread).max() < 1e-6
    parts = [
        sampled(source, design, 0, Place("torch", device, Alone(rank, 3)))
        for rank in (2, 0)
    ]
    one = sampled(source, design, 0, Place("torch", device, Alone(1, 3)))
    assert parts[0] + parts[1] + one == theirs


def sampled_by_command(draws: str) -> Any:
    words = ["sample", "gaussian_nll", "--draws", draws]
    return app(words, exit_on_error=False, print_error=False)


def test_a_number_of_draws_may_have_an_exponent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for given in ("8192", "8.192e3"):
        assert sampled_by_command(given) == 0
        assert "means over 8192 draws" in " ".join(capsys.readouterr().out.split())
    assert command.whole(int, [Token(value="1e9")]) == 10**9


@pytest.mark.parametrize("given", ["1e0", "8192.5", "inf", "nan", "many"])
def test_what_is_no_number_of_draws_is_named(given: str) -> None:
    with pytest.raises(CycloptsError, match="--draws"):
        sampled_by_command(given)


@pytest.mark.parametrize("device", [pytest.param("cuda", marks=CUDA)])
def test_the_command_samples_on_a_gpu(device: str) -> None:
    given = {"framework": "torch", "device": device, "draws": 2**22}
    assert command.sample("gaussian_kl", "discriminator_loss", **given) == 0
