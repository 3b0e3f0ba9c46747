"""One network, one schedule, three frameworks: what a port by class name does to a training run.

    python examples/digits/compare.py

A small network learns scikit-learn's digits, with the same data, initial weights and order of
batches in PyTorch, Paddle and OneFlow. The original schedule is Paddle's: a warmup from 0, then a
cosine. Carried over by the names of its classes it is another one; carried over by lrspec it is the
same. Draws docs/digits.svg, and prints how far each run's losses and final weights are from the
original's. Needs `lrspec[examples]`.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from sklearn.datasets import load_digits

import lrspec
from lrspec.bindings.backend import backend_of
from lrspec.runtime.interpreter import interpreter

HERE = Path(__file__).parent
PICTURE = HERE.parent.parent / "docs" / "digits.svg"
UPDATES, BATCH, HIDDEN = 200, 64, 32
RECIPE = {
    "schedule": "linear_warmup",
    "base_lr": 1.0,
    "warmup_steps": 50,
    "start_lr": 0.0,
    "end_lr": 1.0,
    "after": {"schedule": "cosine_annealing", "T_max": 150},
}
ORIGINAL = """
from paddle.optimizer.lr import CosineAnnealingDecay, LinearWarmup


def build_scheduler():
    return LinearWarmup(
        CosineAnnealingDecay(1.0, T_max=150), warmup_steps=50, start_lr=0.0, end_lr=1.0
    )
"""
NAIVE_TORCH = """
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR


def build_scheduler(optimizer):
    warmup = LinearLR(optimizer, total_iters=50)
    cosine = CosineAnnealingLR(optimizer, T_max=150)
    return SequentialLR(optimizer, [warmup, cosine], milestones=[50])
"""
NAIVE_ONEFLOW = """
from oneflow.optim.lr_scheduler import CosineAnnealingLR, WarmupLR


def build_scheduler(optimizer):
    cosine = CosineAnnealingLR(optimizer, T_max=150)
    return WarmupLR(cosine, warmup_iters=50, warmup_method="linear")
"""


#: The lines of the original, the two ports by class name, and the two of lrspec, in that order.
STYLES: tuple[dict[str, Any], ...] = (
    {"color": "0.8", "lw": 5},
    {"color": "tab:orange", "lw": 1.2},
    {"color": "tab:green", "lw": 1.2},
    {"color": "tab:blue", "lw": 1.4, "ls": (0, (4, 4))},
    {"color": "tab:purple", "lw": 1.4, "ls": (4, (4, 4))},
)


def job() -> dict[str, Any]:
    """Return data, initial weights and the order of the batches, the same for every run."""
    digits = load_digits()
    random = np.random.default_rng(0)
    weights = [
        random.normal(0, 64**-0.5, (64, HIDDEN)),
        np.zeros(HIDDEN),
        random.normal(0, HIDDEN**-0.5, (HIDDEN, 10)),
        np.zeros(10),
    ]
    count = len(digits.target)
    return {
        "images": (digits.data / 16).tolist(),
        "labels": digits.target.tolist(),
        "weights": [weight.tolist() for weight in weights],
        "batches": [random.integers(count, size=BATCH).tolist() for _ in range(UPDATES)],
        "base_lr": 1.0,
    }


def trained(backend: str, source: str) -> dict[str, Any]:
    """Return the losses, rates and final weights of a run in *backend* under *source*."""
    python, _ = interpreter(backend_of(backend))
    command = [python, str(HERE / f"train_{backend}.py")]
    text = json.dumps({**job(), "source": source})
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)  # noqa: S603
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def ported(backend: str) -> str:
    """Return lrspec's source of the recipe for *backend*."""
    source: str = lrspec.port(lrspec.load(RECIPE), to=backend).source
    return source


def apart(run: dict[str, Any], original: dict[str, Any]) -> tuple[float, float]:
    """Return how far losses, and how far final weights, are from the original's at most."""
    losses = np.abs(np.subtract(run["losses"], original["losses"])).max()
    pairs = zip(run["weights"], original["weights"], strict=True)
    return float(losses), max(float(np.abs(np.subtract(a, b)).max()) for a, b in pairs)


def draw(runs: dict[str, dict[str, Any]], original: dict[str, Any]) -> None:
    """Draw rates, losses, and the weights' distance from the original's side by side."""
    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "lrspec"
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the canvas is chosen

    figure, (rate, loss, weight) = plt.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
    for (name, run), style in zip(runs.items(), STYLES, strict=True):
        rate.plot(run["rates"], label=name, **style)
        smooth = np.convolve(run["losses"], np.full(10, 0.1), "valid")
        loss.plot(np.arange(len(smooth)) + 9, smooth, **style)
    others = {name: apart(run, original)[1] for name, run in runs.items() if run is not original}
    colours = [str(style["color"]) for style in STYLES[1:]]
    weight.barh(list(others), [max(distance, 1e-17) for distance in others.values()], color=colours)
    weight.set(xscale="log", xlim=(1e-17, 10), title="final weights: how far apart")
    weight.invert_yaxis()
    rate.set(title="rate", xlabel="update")
    loss.set(title="loss, mean of ten updates", xlabel="update", yscale="log")
    rate.legend(fontsize=7, loc="upper right")
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE, metadata={"Date": None})


def main() -> None:
    """Train all, print the distances, and draw the picture."""
    original = trained("paddle", ORIGINAL)
    runs = {
        "Paddle, the original": original,
        "PyTorch, by class name": trained("torch", NAIVE_TORCH),
        "OneFlow, by class name": trained("oneflow", NAIVE_ONEFLOW),
        "PyTorch, by lrspec": trained("torch", ported("torch")),
        "OneFlow, by lrspec": trained("oneflow", ported("oneflow")),
    }
    print("| run | losses apart | final weights apart |\n|---|---:|---:|")
    for name, run in runs.items():
        losses, weights = apart(run, original)
        print(f"| {name} | {losses:.2g} | {weights:.2g} |")
    draw(runs, original)


if __name__ == "__main__":
    main()
