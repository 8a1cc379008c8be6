"""What models bear on: the column of the grid that is not about one loss.

A GAN and a VAE are trained for a moment, and what was proved is held against their real
activations (`verify.trained`); the model h = theta is held to the times of the gradient
flow (`verify.vanish.flow`).
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from verify.evidence import Evidence
from verify.grid.table import TABLE, Shown, Subject
from verify.methods import METHODS

MODELS = "models"
COLUMNS = (*METHODS, MODELS)
"""Of the grid: four methods that judge a loss, and the models."""
NEEDED = {"torch": "torch", "sklearn": "scikit-learn"}
"""Modules and the packages that have them, of models that are trained."""

SUBJECTS: dict[str, Subject] = {
    "gradient of L_G": Subject("the gradient of L_G in a trained GAN", model="gan"),
    "printed gradient of L_G": Subject(
        "saturating_generator_loss",
        printed="printed_zero_gradient in a trained GAN",
        model="gan",
    ),
    "gradient of L_NS": Subject("the gradient of L_NS in a trained GAN", model="gan"),
    "gradient of L_D": Subject("the gradient of L_D in a trained GAN", model="gan"),
    "norm": Subject("the norm of the gradient of L_G in a trained GAN", model="gan"),
    "ratio": Subject("the ratio of both gradients in a trained GAN", model="gan"),
    "sampled KL": Subject("the KL in a trained VAE, by draws", model="vae"),
    "printed KL": Subject(
        "gaussian_kl", printed="printed_kl in a trained VAE", model="vae"
    ),
    "true KL": Subject("the KL in a trained VAE, by balls", model="vae"),
    "gradient of the ELBO": Subject(
        "the gradient of the ELBO in a trained VAE", model="vae"
    ),
    "flow": Subject("the times of gradient steps at h = theta", model="flow"),
}
"""By the names of the checks."""
BEARING: dict[str, tuple[str, ...]] = {
    "1.07": ("gradient of L_NS", "ratio"),
    "1.08": ("norm",),
    "1.14": ("gradient of L_G",),
    "1.16": ("gradient of L_G", "printed gradient of L_G"),
    "1.17": ("norm",),
    "1.18": ("flow",),
    "1.19": ("gradient of L_NS", "ratio"),
    "1.23": ("flow",),
    "2.03": ("sampled KL", "printed KL"),
    **dict.fromkeys(("2.04", "2.07", "2.17"), ("sampled KL",)),
    **dict.fromkeys(("3.06", "3.25"), ("sampled KL", "true KL")),
    **dict.fromkeys(("3.08", "3.11"), ("true KL", "gradient of the ELBO")),
    "3.18": ("gradient of L_D",),
    "3.19": ("gradient of L_NS",),
    "3.51": ("gradient of the ELBO",),
}
"""By the id of a claim, the checks that bear on it."""
GRADIENTS = "training differentiates the losses, and uses no value of this one"
OTHER_WORDS = "the networks give log sigma^2: no model computes with this scale"
NO_MODEL = "no model of ours has this loss"
SECOND = "training uses no second derivatives, which the claim is about"
GAUSSIAN = (
    "the VAE here is a Bernoulli one; `python -m verify model` judges a Gaussian one"
)
EMPTY: dict[str, str] = {
    **dict.fromkeys(("1.06", "1.12", "3.20", "3.21", "3.31", "3.41"), GRADIENTS),
    **dict.fromkeys(("2.16", "3.03", "3.04", "3.05", "3.07", "3.09"), OTHER_WORDS),
    **dict.fromkeys(("3.10", "3.12", "3.23", "3.24", "3.26"), OTHER_WORDS),
    **dict.fromkeys(("3.43", "3.44", "3.46"), OTHER_WORDS),
    **dict.fromkeys(("3.32", "3.33", "3.34", "3.35", "3.36", "3.52"), NO_MODEL),
    "3.22": "a line about s alone: networks show it in 3.18",
    "3.45": GAUSSIAN,
}
"""Why no check of a model bears on a claim that other methods judge."""


def reason(claim: str) -> str:
    """Why no check of a model bears on a claim."""
    shown = TABLE[claim]
    if isinstance(shown, Shown) and shown.about == "second":
        return SECOND
    return shown if isinstance(shown, str) else EMPTY[claim]


def cannot(model: str) -> str:
    """Why a model cannot be had here; "" if it can."""
    if model == "flow":
        return ""
    absent = [name for module, name in NEEDED.items() if find_spec(module) is None]
    return f"{' and '.join(absent)} not installed" if absent else ""


def of_model(model: str, *, seed: int) -> dict[Subject, Evidence]:
    """Train it for a moment, and say what it shows."""
    if model == "flow":
        found = {"flow": import_module("verify.vanish.flow").escape_times(seed)}
    else:
        moment = import_module("verify.trained.torch_moment")
        found = moment.judged(getattr(moment, model)(seed))
    return {SUBJECTS[name]: evidence for name, evidence in found.items()}


def subjects_of(model: str) -> tuple[Subject, ...]:
    """What is judged of a model."""
    return tuple(one for one in SUBJECTS.values() if one.model == model)


def models() -> tuple[str, ...]:
    """All of them."""
    return tuple(dict.fromkeys(subject.model for subject in SUBJECTS.values()))
