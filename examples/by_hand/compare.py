"""Port a rate that is set by hand when the validation loss stalls, from PyTorch.

    python examples/by_hand/compare.py

The word language model of pytorch/examples has no scheduler: if the validation loss of an epoch is
not the best so far, its training loop divides the rate by 4. Here the rule trains a small network
on a fixed regression problem, the rate set in the optimizer's parameter groups. PyTorch's
ReduceLROnPlateau has the same rates with the arguments in plateau.py. `lrspec read` makes a recipe
of it, at the start and in mid-run, which is ported to Paddle and OneFlow.

Prints the largest differences from the original and draws three pictures: docs/by-hand-loss.svg,
the loss and where it drops; docs/by-hand-recipe.svg, the rates of the recipe for the losses of the
original; docs/by-hand-ports.svg, the ports. Needs `lrspec[examples]`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

import lrspec
from lrspec.bindings.backend import backend_of
from lrspec.runtime.interpreter import interpreter

HERE = Path(__file__).parent
DOCS = HERE.parent.parent / "docs"
EPOCHS, BATCH, INPUTS, HIDDEN, TRAINING, VALIDATION = 13, 8, 10, 16, 800, 400
BASE_LR, NOISE = 0.3, 0.1
#: The epoch before which the scheduler is read in mid-run.
MIDDLE = 6
#: The same scheduler with PyTorch's defaults for all arguments but the factor.
DEFAULTS = "scheduler(patience=10, threshold=1e-4, eps=1e-8)"
#: Line styles: the original, then the other runs of a picture.
STYLES: tuple[dict[str, Any], ...] = (
    {"color": "0.8", "lw": 5},
    {"color": "tab:blue", "lw": 1.4, "ls": (0, (4, 4))},
    {"color": "tab:purple", "lw": 1.4, "ls": (4, (4, 4))},
    {"color": "tab:orange", "lw": 0, "marker": "x"},
    {"color": "tab:green", "lw": 0, "marker": "+"},
)


def job() -> dict[str, Any]:
    """Return the data, the initial weights and the batches, which are the same for every run."""
    random = np.random.default_rng(0)
    teacher = random.normal(0, 2 * INPUTS**-0.5, INPUTS)
    inputs = random.normal(size=(TRAINING + VALIDATION, INPUTS))
    targets = np.tanh(inputs @ teacher)
    targets[:TRAINING] += random.normal(0, NOISE, TRAINING)  # the loss stalls at the noise
    weights = [
        random.normal(0, INPUTS**-0.5, (INPUTS, HIDDEN)),
        np.zeros(HIDDEN),
        random.normal(0, HIDDEN**-0.5, (HIDDEN, 1)),
        np.zeros(1),
    ]
    orders = [random.permutation(TRAINING).reshape(-1, BATCH) for _ in range(EPOCHS)]
    return {
        "inputs": inputs.tolist(),
        "targets": targets[:, None].tolist(),
        "validation": list(range(TRAINING, TRAINING + VALIDATION)),
        "weights": [weight.tolist() for weight in weights],
        "epochs": [order.tolist() for order in orders],
        "base_lr": BASE_LR,
    }


def train(backend: str, source: str, **changes: Any) -> dict[str, Any]:
    """Return the rates and losses of a run in *backend*, by hand without a *source*."""
    python, _ = interpreter(backend_of(backend))
    command = [python, str(HERE / f"train_{backend}.py")]
    text = json.dumps({**job(), **changes, "source": source})
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)  # noqa: S603
    run: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return run


def read(expression: str) -> dict[str, Any]:
    """Return the recipe that `lrspec read` makes of a scheduler of plateau.py."""
    command = [sys.executable, "-m", "lrspec", "read", f"{HERE / 'plateau.py'}:{expression}"]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)  # noqa: S603
    recipe: dict[str, Any] = json.loads(done.stdout)
    return recipe


def continued(backend: str, original: dict[str, Any]) -> dict[str, Any]:
    """Return the run in *backend* that continues the original one from its middle."""
    recipe = read(f"scheduler({original['losses'][:MIDDLE]})")
    ported = lrspec.port(lrspec.load(recipe), to=backend)
    (rate,) = recipe["about"]["state"]["rate"]
    epochs, weights = job()["epochs"][MIDDLE:], original["weights"][MIDDLE]
    return train(backend, ported.source, base_lr=rate, epochs=epochs, weights=weights)


def decays(run: dict[str, Any]) -> list[int]:
    """Return the epochs that use a lower rate than the one before."""
    return [e for e in range(1, EPOCHS) if run["rates"][e] < run["rates"][e - 1]]


def figure_of(name: str, title: str) -> Any:
    """Return a context with the axes of a picture: the rate on the left, the loss on the right."""
    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "lrspec"
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the backend is chosen

    figure, (rate, loss) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    figure.suptitle(title, fontsize=10)
    rate.set(title="learning rate", xlabel="epoch", yscale="log")
    loss.set(title="validation loss", xlabel="epoch", yscale="log")
    return figure, rate, loss, DOCS / f"by-hand-{name}.svg"


def save(figure: Any, path: Path) -> None:
    """Write a picture without the time and with stable names."""
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, metadata={"Date": None})


def draw_loss(original: dict[str, Any]) -> None:
    """Draw the original run, and by how much each decay lowers the loss."""
    figure, rate, loss, path = figure_of("loss", "The rate is divided by 4 when the loss stalls")
    rate.step(range(EPOCHS), original["rates"], where="mid", color="tab:blue")
    loss.plot(original["losses"], color="tab:blue", marker=".")
    for epoch in decays(original):
        before, after = original["losses"][epoch - 1 : epoch + 1]
        loss.axvline(epoch - 0.5, color="0.8", lw=1, zorder=0)
        place = (epoch - 0.4, (before * after) ** 0.5)
        loss.annotate(f"{after / before - 1:+.0%}", place, fontsize=8)
    save(figure, path)


def draw_recipe(original: dict[str, Any], others: dict[str, Any]) -> None:
    """Draw the rates of recipes for the losses of the original run."""
    figure, rate, loss, path = figure_of("recipe", "The recipe, for the losses of the original")
    rate.plot(original["rates"], label="by hand", **STYLES[0])
    for (name, rates), style in zip(others.items(), STYLES[1:], strict=False):
        rate.plot(rates, label=name, **style)
    loss.plot(original["losses"], **STYLES[0])
    rate.legend(fontsize=7)
    save(figure, path)


def draw_ports(original: dict[str, Any], runs: dict[str, tuple[int, dict[str, Any]]]) -> None:
    """Draw the runs of the ports, each from its first epoch on."""
    figure, rate, loss, path = figure_of("ports", "The ports, from the start and from mid-run")
    rate.plot(original["rates"], label="PyTorch, by hand", **STYLES[0])
    loss.plot(original["losses"], **STYLES[0])
    for (name, (first, run)), style in zip(runs.items(), STYLES[1:], strict=True):
        rate.plot(range(first, EPOCHS), run["rates"], label=name, **style)
        loss.plot(range(first, EPOCHS), run["losses"], **style)
    rate.legend(fontsize=7)
    save(figure, path)


def main() -> None:
    """Run the trainings, print their differences and draw the pictures."""
    original = train("torch", "")
    recipe, by_default = read("scheduler()"), read(DEFAULTS)
    print(json.dumps(recipe))
    losses = {"metrics": original["losses"]}
    rates = {
        name: lrspec.load({**document, **losses}).trace(EPOCHS)[:, 0]
        for name, document in (("plateau.py", recipe), ("PyTorch's other defaults", by_default))
    }
    paddle, oneflow = (lrspec.port(lrspec.load(recipe), to=name) for name in ("paddle", "oneflow"))
    runs = {
        "Paddle, by lrspec": (0, train("paddle", paddle.source)),
        "OneFlow, by lrspec": (0, train("oneflow", oneflow.source)),
        f"Paddle, from epoch {MIDDLE}": (MIDDLE, continued("paddle", original)),
        f"OneFlow, from epoch {MIDDLE}": (MIDDLE, continued("oneflow", original)),
    }
    print(f"decays before the epochs {', '.join(map(str, decays(original)))}")
    print("| run | max. rate difference | max. loss difference |\n|---|---:|---:|")
    for name, trace in rates.items():
        print(f"| {name} | {np.abs(trace - original['rates']).max():.2g} | |")
    for name, (first, run) in runs.items():
        rate, loss = (
            np.abs(np.subtract(run[of], original[of][first:])).max() for of in ("rates", "losses")
        )
        print(f"| {name} | {rate:.2g} | {loss:.2g} |")
    draw_loss(original)
    draw_recipe(original, rates)
    draw_ports(original, runs)


if __name__ == "__main__":
    main()
