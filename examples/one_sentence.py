"""Compare five implementations of "10 warmup steps, then cosine to 0 at step 100, peak 1".

    python examples/one_sentence.py

Runs five common implementations of that schedule in their frameworks, prints the learning rates of
some updates as a table, and draws docs/one-sentence.svg.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lrspec.bindings.backend import backend_of
from lrspec.codegen.emit import emit
from lrspec.report.plots import draw
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.process import Question, Worker
from lrspec.scenario.actions import Action
from lrspec.spec.recipe import Recipe, from_dict, load

STEPS = 121
SHOWN = (0, 1, 9, 10, 50, 99, 100, 120)
PICTURE = Path(__file__).parent.parent / "docs" / "one-sentence.svg"

ONE_CYCLE = """
from torch.optim.lr_scheduler import OneCycleLR


def build_scheduler(optimizer):
    return OneCycleLR(
        optimizer, max_lr=1.0, total_steps=100, pct_start=0.1, div_factor=1e9, final_div_factor=1e9
    )
"""


def emitted(recipe: Recipe, backend: str, argument_form: str = "explicit") -> tuple[str, str]:
    """Return the backend and its source for *recipe*."""
    return backend, emit(recipe, backend_of(backend), argument_form).text


SENTENCE = load("one-sentence")
NOT_SUBTRACTED = load("one-sentence-not-subtracted")
SEQUENCE = from_dict(
    {
        "schedule": "sequential",
        "base_lr": 1.0,
        "schedules": [
            {"schedule": "linear", "start_factor": 0.0, "end_factor": 1.0, "total_iters": 10},
            {"schedule": "cosine_annealing", "T_max": 90},
        ],
        "milestones": [10],
    }
)
IMPLEMENTATIONS = {
    "PyTorch SequentialLR[LambdaLR, CosineAnnealingLR(90)]": emitted(SENTENCE, "torch"),
    "Paddle LinearWarmup(CosineAnnealingDecay(100))": emitted(NOT_SUBTRACTED, "paddle"),
    "OneFlow WarmupLR(CosineAnnealingLR(100)), defaults": emitted(
        NOT_SUBTRACTED, "oneflow", "defaults"
    ),
    "OneFlow SequentialLR[LinearLR, CosineAnnealingLR(90)], defaults": emitted(
        SEQUENCE, "oneflow", "defaults"
    ),
    "PyTorch OneCycleLR(total_steps=100, pct_start=0.1)": ("torch", ONE_CYCLE),
}


def observed(backend_name: str, source: str) -> np.ndarray:
    """Return the learning rates that the framework uses, up to the first error."""
    backend = backend_of(backend_name)
    path, _ = interpreter(backend)
    with Worker(backend, path) as worker:
        answer = worker.ask(Question(source, (1.0,), (Action("updates", STEPS),)))
    return np.array(answer.reported)[:, 0]


def main() -> None:
    """Print the table and draw the plot."""
    lines = {label: observed(*implementation) for label, implementation in IMPLEMENTATIONS.items()}
    print("| implementation | " + " | ".join(map(str, SHOWN)) + " |")
    print("|---|" + "---:|" * len(SHOWN))
    for label, rates in lines.items():
        cells = [f"{rates[t]:.6f}" if t < len(rates) else "raises" for t in SHOWN]
        print(f"| {label} | " + " | ".join(cells) + " |")
    PICTURE.parent.mkdir(exist_ok=True)
    draw(lines, PICTURE)


if __name__ == "__main__":
    main()
