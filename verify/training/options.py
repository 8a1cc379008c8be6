"""What a run was asked for: every option, its default, and what it can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from difflib import get_close_matches
from typing import Any

from verify.data.dataset import Dataset
from verify.data.named import NAMED, lasting

MODELS = ("vae", "gan")
CHOICES: dict[str, tuple[str, ...]] = {
    "model": MODELS,
    "network": ("mlp", "conv"),
    "loss": ("saturating", "nonsaturating"),
    "decoder": ("bernoulli", "gaussian"),
    "device": ("auto", "cpu", "cuda"),
    "dtype": ("float32", "float64"),
}
OF_MODEL = {"loss": "gan", "decoder": "vae"}
"""Options that only one of the models has."""
POSITIVE = ("steps", "batch", "latent", "every")
LARGEST_LATENT = 2**16
"""A dimension of z beyond it is a slip: its first layer alone is 64 MB in float32."""
FREE = ("steps", "every", "data")
"""Options that a resumed run can have anew: how far it goes, where its data now are."""
DEFAULTS: dict[str, dict[str, Any]] = {
    "vae": {"steps": 2000, "batch": 128, "latent": 4},
    "gan": {"steps": 3000, "batch": 64, "latent": 16, "loss": "nonsaturating"},
}


class OptionError(ValueError):
    """An option that cannot be had, in words."""


@dataclass(frozen=True)
class Options:
    """All options of a run, `device` the one that it runs on.

    `loss` is None for the VAE, `decoder` is None for the GAN.
    """

    model: str
    data: str
    device: str
    network: str = "mlp"
    loss: str | None = None
    decoder: str | None = None
    dtype: str = "float32"
    amp: bool = False
    compile: bool = False
    steps: int = 2000
    batch: int = 128
    latent: int = 4
    seed: int = 0
    every: int = 250

    def as_data(self) -> dict[str, Any]:
        """The same as plain data, for JSON."""
        return asdict(self)

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Options:
        """Back from plain data; raises TypeError for names that are not options."""
        return Options(**data)


NAMES = tuple(field.name for field in fields(Options))


def check(given: Mapping[str, Any]) -> None:
    """Raise OptionError for what no data could make right.

    given  options by name, without those that were not given
    """
    for name, choices in CHOICES.items():
        if name in given and given[name] not in choices:
            near = get_close_matches(str(given[name]), choices, n=1, cutoff=0.4)
            hint = f"; the nearest: {near[0]}" if near else ""
            listed = ", ".join(choices)
            raise OptionError(f"--{name}: {given[name]}; it can be {listed}{hint}")
    for name in POSITIVE:
        if name in given and given[name] < 1:
            raise OptionError(f"--{name}: {given[name]}, need at least 1")
    if given.get("latent", 1) > LARGEST_LATENT:
        raise OptionError(f"--latent: {given['latent']}, need at most {LARGEST_LATENT}")
    if not 0 <= given.get("seed", 0) < 2**63:
        raise OptionError(f"--seed: {given['seed']}, need 0 to 2^63 - 1")
    for name, model in OF_MODEL.items():
        if name in given and given.get("model") != model:
            raise OptionError(f"--{name}: only train {model} has it")
    if given.get("amp") and given.get("dtype") == "float64":
        raise OptionError("--amp: bfloat16 beside float32, not beside float64")


def completed(given: Mapping[str, Any], data: Dataset) -> Options:
    """What was given, with defaults for the rest; data in a folder by a lasting name.

    Raises OptionError for what does not suit the data: a batch larger than they are, a
    Bernoulli decoder for points.
    """
    model = given["model"]
    fitting = dict(DEFAULTS[model])
    if not data.image:
        fitting["latent"] = data.outputs
    if model == "vae":
        fitting["decoder"] = "bernoulli" if data.image else "gaussian"
    options = Options(**fitting | dict(given) | {"data": lasting(given["data"])})
    if options.batch > len(data.train):
        raise OptionError(
            f"--batch: {options.batch}, more than the {len(data.train)} rows of "
            f"{data.name} to train on"
        )
    if options.decoder == "bernoulli" and not data.image:
        raise OptionError(
            f"--decoder: bernoulli needs greys in [0, 1], not {data.name}"
        )
    if options.network == "conv" and any(side % 4 for side in _sides(data)):
        shape = " x ".join(map(str, data.shape))
        raise OptionError(
            f"--network: conv needs images with sides that are multiples of 4; "
            f"{data.name} has {shape}"
        )
    return options


def _sides(data: Dataset) -> tuple[int, ...]:
    return data.shape if data.image else (1,)


def _named(name: str) -> str:
    return "train" if name == "model" else f"--{name}"  # which has no option


def differences(saved: Options, given: Mapping[str, Any]) -> list[str]:
    """What was given and would change the path of the saved run, in words.

    Of data in a folder, which may have moved, their values decide and not this.
    """
    kept = saved.as_data()
    fixed = {name for name in given if name not in FREE}
    if {kept["data"], given.get("data")} & set(NAMED):
        fixed.add("data")
    return [
        f"{_named(name)}: {kept[name]} there, {value} given"
        for name, value in given.items()
        if name in fixed and kept[name] != value
    ]
