"""Train one network with one schedule in three frameworks, and compare the ways of porting it.

    python examples/digits/compare.py

A small network is trained on scikit-learn's digits, with the same data, initial weights and batch
order in PyTorch, Paddle and OneFlow. The original, original.py, is written for PyTorch: a chain of
a warmup, a cosine with restarts and an exponential decay, whose decay PyTorch forgets after each
minimum of the cosine. It is replaced class by class in OneFlow, and ported with lrspec: faithfully,
and as specified. Prints the maximum difference of each run's losses and final weights from the
original, and draws docs/digits.svg. Needs `lrspec[examples]`.
"""

from __future__ import annotations

import json
import subprocess
import sys
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
ORIGINAL = HERE / "original.py"
CLASS_BY_CLASS = """
from oneflow.optim.lr_scheduler import ChainedScheduler, CosineAnnealingLR, ExponentialLR, LinearLR


def build_scheduler(optimizer):
    warmup = LinearLR(optimizer, start_factor=0.1, total_iters=20)
    cosine = CosineAnnealingLR(optimizer, T_max=60)
    decay = ExponentialLR(optimizer, gamma=0.99)
    return ChainedScheduler([warmup, cosine, decay])
"""


#: Line styles: the original, class by class, the two faithful ports, as specified.
STYLES: tuple[dict[str, Any], ...] = (
    {"color": "0.8", "lw": 5},
    {"color": "tab:orange", "lw": 1.2},
    {"color": "tab:blue", "lw": 1.4, "ls": (0, (4, 4))},
    {"color": "tab:purple", "lw": 1.4, "ls": (4, (4, 4))},
    {"color": "tab:green", "lw": 1.2},
)


def job() -> dict[str, Any]:
    """Return the data, the initial weights and the batches, which are the same for every run."""
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


def train(backend: str, source: str) -> dict[str, Any]:
    """Return the losses, learning rates and final weights of a run of *source* in *backend*."""
    python, _ = interpreter(backend_of(backend))
    command = [python, str(HERE / f"train_{backend}.py")]
    text = json.dumps({**job(), "source": source})
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)  # noqa: S603
    run: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return run


def read() -> lrspec.Schedule:
    """Return the schedule of the original, as `lrspec read` prints it."""
    command = [sys.executable, "-m", "lrspec", "read", f"{ORIGINAL}:make()"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return lrspec.load(json.loads(done.stdout))


def differences(run: dict[str, Any], original: dict[str, Any]) -> tuple[float, float]:
    """Return the maximum differences of the losses and of the final weights from the original."""
    losses = np.abs(np.subtract(run["losses"], original["losses"])).max()
    pairs = zip(run["weights"], original["weights"], strict=True)
    return float(losses), max(float(np.abs(np.subtract(a, b)).max()) for a, b in pairs)


def draw(runs: dict[str, dict[str, Any]], original: dict[str, Any]) -> None:
    """Plot learning rates, losses and final weight differences side by side."""
    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "lrspec"
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the backend is chosen

    figure, (rate, loss, weight) = plt.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
    for (name, run), style in zip(runs.items(), STYLES, strict=True):
        rate.plot(run["rates"], label=name, **style)
        smooth = np.convolve(run["losses"], np.full(10, 0.1), "valid")
        loss.plot(np.arange(len(smooth)) + 9, smooth, **style)
    others = {
        name: differences(run, original)[1] for name, run in runs.items() if run is not original
    }
    colours = [str(style["color"]) for style in STYLES[1:]]
    weight.barh(
        list(others), [max(difference, 1e-17) for difference in others.values()], color=colours
    )
    weight.set(xscale="log", xlim=(1e-17, 10), title="final weights: maximum difference")
    weight.invert_yaxis()
    rate.set(title="learning rate", xlabel="update")
    loss.set(title="loss (mean over 10 updates)", xlabel="update", yscale="log")
    rate.set_ylim(top=1.0)  # the legend is above the curves
    rate.legend(fontsize=7, loc="upper right")
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE, metadata={"Date": None})


def main() -> None:
    """Run all five trainings, print the differences and draw the plot."""
    schedule = read()
    original = train("torch", ORIGINAL.read_text(encoding="utf-8"))
    corrected = lrspec.port(schedule, to="paddle", as_specified=True)
    runs = {
        "PyTorch, original": original,
        "OneFlow, class by class": train("oneflow", CLASS_BY_CLASS),
        "Paddle, by lrspec": train("paddle", lrspec.port(schedule, to="paddle").source),
        "OneFlow, by lrspec": train("oneflow", lrspec.port(schedule, to="oneflow").source),
        "Paddle, as specified": train("paddle", corrected.source),
    }
    print("| run | max. loss difference | max. final weight difference |\n|---|---:|---:|")
    for name, run in runs.items():
        losses, weights = differences(run, original)
        print(f"| {name} | {losses:.2g} | {weights:.2g} |")
    draw(runs, original)


if __name__ == "__main__":
    main()
