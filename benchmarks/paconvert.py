"""Port PyTorch schedulers to Paddle with PaConvert and with lrspec, and compare the results.

    python benchmarks/paconvert.py

PaConvert translates names and arguments; its output is run unchanged, with an optimizer that has
the same base learning rate. lrspec ports the recipe of the same scheduler. Both sources run in
Paddle, and their rates are compared with the rates of the original in PyTorch. Prints the outcome
of every scheduler, and the counts.

PaConvert runs in the interpreter named by LRSPEC_PACONVERT_PYTHON, or in an environment that is
made in .nox/paconvert.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lrspec import resources
from lrspec.bindings.backend import backend_of
from lrspec.errors import BadInput
from lrspec.port.port import port
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.observation import Observation, from_answer
from lrspec.runtime.process import Question, Worker
from lrspec.scenario.actions import Action
from lrspec.spec.recipe import from_dict
from lrspec.spec.tolerance import tolerance_of
from lrspec.verdict.compare import compare

#: The outcome of one port: a category, and the details.
Outcome = tuple[str, str]
DATA = Path(__file__).with_suffix(".json")
MODULE = "import torch\n\n\ndef build_scheduler(optimizer):\n    return {}\n"
UNCONVERTED = ">>>>>>"  # PaConvert's mark for a line that it did not convert
CRASH = "PaConvert crashed:"
ADAPTER = """

converted = build_scheduler


def build_scheduler():
    parameter = paddle.create_parameter([1], "float64")
    optimizer = paddle.optimizer.SGD(learning_rate={base_lr!r}, parameters=[parameter])
    return converted(optimizer)
"""


def environment(requirement: str) -> str:
    """Return the interpreter of PaConvert; make its environment if none is named."""
    path = os.environ.get("LRSPEC_PACONVERT_PYTHON")
    if path:
        return path
    folder = resources.root() / ".nox" / "paconvert"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        run([sys.executable, "-m", "venv", str(folder)])
    run([str(python), "-m", "pip", "install", "-q", requirement])
    return str(python)


def run(command: Sequence[str]) -> None:
    """Run *command*; raise `CalledProcessError` if it fails."""
    subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603


def converted(python: str, sources: Mapping[str, str]) -> dict[str, str]:
    """Return PaConvert's output for each of *sources*, or a line with the error if it crashes."""
    outputs = {}
    main = "from paconvert.main import main; main()"
    with tempfile.TemporaryDirectory() as name:
        before, after = Path(name, "scheduler.py"), Path(name, "after")
        for key, text in sources.items():
            before.write_text(text, encoding="utf-8")
            shutil.rmtree(after, ignore_errors=True)
            after.mkdir()
            command = [python, "-c", main, "-i", str(before), "-o", str(after)]
            done = subprocess.run(  # noqa: S603
                command, check=False, capture_output=True, text=True, cwd=name
            )
            written = after / before.name
            if done.returncode == 0 and written.exists():
                outputs[key] = written.read_text(encoding="utf-8")
            else:
                last = (done.stderr.strip().splitlines() or ["no output"])[-1]
                outputs[key] = f"{UNCONVERTED} {CRASH} {last}"
    return outputs


def observe(worker: Worker, source: str, case: Mapping[str, Any]) -> Observation:
    """Return the observation of *source* in *worker*, one update after another."""
    if "metrics" in case:
        action = Action("metrics", tuple(case["metrics"]))
    else:
        action = Action("updates", case["updates"])
    return from_answer(worker.ask(Question(source, (float(case["base_lr"]),), (action,))))


def verdict(expected: Observation, observed: Observation) -> Outcome:
    """Return the outcome of comparing Paddle's rates with PyTorch's."""
    torch_rates, paddle_rates = expected.reported, observed.reported
    assert torch_rates is not None  # noqa: S101 - main() exits if PyTorch cannot run a case
    if paddle_rates is None:
        return "wrong", f"{observed.status}: {observed.reason}"
    if len(paddle_rates) < len(torch_rates):
        return "wrong", f"raises at update {len(paddle_rates)}"
    difference = compare(torch_rates, paddle_rates, tolerance_of("float64"))
    if difference.kind == "divergence":
        errors = np.abs(torch_rates - paddle_rates).max(axis=1) / np.abs(torch_rates).max()
        wrong = np.flatnonzero(errors > tolerance_of("float64").divergence)
        worst = int(errors.argmax())
        extent = f"{len(wrong)} of {len(torch_rates)} updates, from update {wrong[0]} on"
        rates = f"{paddle_rates[worst, 0]:.6g} instead of {torch_rates[worst, 0]:.6g}"
        return "wrong", f"{extent}; the largest error is {rates} at update {worst}"
    if expected.momentum is not None and observed.momentum is None:
        return "right except for the momentum", "PyTorch changes the momentum too"
    return "right", ""


def translated(
    expected: Observation, worker: Worker, text: str, case: Mapping[str, Any]
) -> Outcome:
    """Return the outcome of PaConvert's output *text*."""
    unconverted = [line for line in text.splitlines() if line.startswith(UNCONVERTED)]
    if unconverted:
        details = unconverted[0].removeprefix(UNCONVERTED).strip()
        return "not converted", details if details.startswith(CRASH) else ""
    source = text + ADAPTER.format(base_lr=float(case["base_lr"]))
    return verdict(expected, observe(worker, source, case))


def ported(expected: Observation, worker: Worker, case: Mapping[str, Any]) -> Outcome:
    """Return the outcome of lrspec's port, and whether its certificate reports a divergence."""
    recipe = from_dict({"base_lr": case["base_lr"], **case["recipe"]})
    try:
        result = port(recipe, "paddle")
    except BadInput as error:
        return "rejected", error.expected
    category, details = verdict(expected, observe(worker, result.source, case))
    if category == "wrong" and result.certificate.diverges:
        return "wrong, as its certificate reports", details
    return category, details


def main() -> None:
    """Port every scheduler both ways, run all sources and print the outcomes."""
    document = resources.read_json(DATA)
    cases = document["cases"]
    sources = {case["scheduler"]: MODULE.format(case["scheduler"]) for case in cases}
    texts = converted(environment(document["requirement"]), sources)
    counts: dict[str, Counter[str]] = {"PaConvert": Counter(), "lrspec": Counter()}
    torch, paddle = backend_of("torch"), backend_of("paddle")
    with (
        Worker(torch, interpreter(torch)[0]) as in_torch,
        Worker(paddle, interpreter(paddle)[0]) as in_paddle,
    ):
        for case in cases:
            name = case["scheduler"]
            expected = observe(in_torch, sources[name], case)
            if expected.reported is None or expected.error:
                sys.exit(f"{name}: PyTorch cannot run it: {expected.reason}")
            outcomes = {
                "PaConvert": translated(expected, in_paddle, texts[name], case),
                "lrspec": ported(expected, in_paddle, case),
            }
            print(name.replace("torch.optim.lr_scheduler.", ""))
            for tool, (category, details) in outcomes.items():
                counts[tool][category] += 1
                print(f"    {tool:10} {category}{': ' if details else ''}{details}")
        versions = f"PyTorch {in_torch.version()}, PaddlePaddle {in_paddle.version()}"
    print(f"\n{versions}, {document['requirement']}: {len(cases)} schedulers")
    for tool, count in counts.items():
        print(f"{tool}: " + ", ".join(f"{n} {category}" for category, n in count.most_common()))


if __name__ == "__main__":
    main()
