"""PyTorch's schedulers carried to Paddle, by PaConvert and by lrspec, against PyTorch's own trace.

    python benchmarks/paconvert.py

PaConvert translates by names and arguments; what it writes is run as it stands, in an optimizer
that was made with the same rate. lrspec ports the recipe of the same scheduler. Both traces are
those of the real Paddle. Prints a line a scheduler and how many come out right.

PaConvert's interpreter is the one that LRSPEC_PACONVERT_PYTHON names, or one that is made in
.nox/paconvert.
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

#: How a scheduler came out, in a word, and what was seen.
Answer = tuple[str, str]
DATA = Path(__file__).with_suffix(".json")
MODULE = "import torch\n\n\ndef build_scheduler(optimizer):\n    return {}\n"
UNCONVERTED = ">>>>>>"  # what PaConvert writes before a line that it leaves to the user
ADAPTER = """

converted = build_scheduler


def build_scheduler():
    parameter = paddle.create_parameter([1], "float64")
    optimizer = paddle.optimizer.SGD(learning_rate={base_lr!r}, parameters=[parameter])
    return converted(optimizer)
"""


def environment(requirement: str) -> str:
    """Return PaConvert's interpreter, made once where none is named."""
    named = os.environ.get("LRSPEC_PACONVERT_PYTHON")
    if named:
        return named
    folder = resources.root() / ".nox" / "paconvert"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        run([sys.executable, "-m", "venv", str(folder)])
    run([str(python), "-m", "pip", "install", "-q", requirement])
    return str(python)


def run(command: Sequence[str]) -> None:
    """Run *command*; raises `CalledProcessError` with what it said."""
    subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603


def converted(python: str, sources: Mapping[str, str]) -> dict[str, str]:
    """Return what PaConvert makes of each of *sources*; where it crashes, a line that says so."""
    found = {}
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
                found[key] = written.read_text(encoding="utf-8")
            else:
                last = (done.stderr.strip().splitlines() or ["no output"])[-1]
                found[key] = f"{UNCONVERTED} it ends with {last}"
    return found


def seen(worker: Worker, source: str, case: Mapping[str, Any]) -> Observation:
    """Return what is seen of *source* in *worker*, update after update."""
    if "metrics" in case:
        action = Action("metrics", tuple(case["metrics"]))
    else:
        action = Action("updates", case["updates"])
    return from_answer(worker.ask(Question(source, (float(case["base_lr"]),), (action,))))


def verdict(expected: Observation, observed: Observation) -> tuple[str, str]:
    """Return how the rates of PyTorch came out in Paddle, in a word and a sentence."""
    wanted, found = expected.reported, observed.reported
    assert wanted is not None  # noqa: S101 - what PyTorch cannot run is no case
    if found is None:
        return "wrong", f"{observed.status}: {observed.reason}"
    if len(found) < len(wanted):
        return "wrong", f"it raises at update {len(found)}"
    difference = compare(wanted, found, tolerance_of("float64"))
    if difference.kind == "divergence":
        errors = np.abs(wanted - found).max(axis=1) / np.abs(wanted).max()
        out = np.flatnonzero(errors > tolerance_of("float64").divergence)
        worst = int(errors.argmax())
        used, right = found[worst, 0], wanted[worst, 0]
        many = f"{len(out)} of {len(wanted)} updates, from update {out[0]} on"
        return "wrong", f"{many}; at worst update {worst} uses {used:.6g} for {right:.6g}"
    if expected.momentum is not None and observed.momentum is None:
        return "right but for the momentum", "PyTorch moves it too"
    return "right", ""


def translated(expected: Observation, worker: Worker, text: str, case: Mapping[str, Any]) -> Answer:
    """Return what comes out of PaConvert's *text*."""
    left = [line for line in text.splitlines() if line.startswith(UNCONVERTED)]
    if left:
        words = left[0].removeprefix(UNCONVERTED).strip()
        return "left to the user", words if words.startswith("it ends") else ""
    source = text + ADAPTER.format(base_lr=float(case["base_lr"]))
    return verdict(expected, seen(worker, source, case))


def ported(expected: Observation, worker: Worker, case: Mapping[str, Any]) -> Answer:
    """Return what comes out of lrspec's port, and what its certificate says of that."""
    recipe = from_dict({"base_lr": case["base_lr"], **case["recipe"]})
    try:
        found = port(recipe, "paddle")
    except BadInput as error:
        return "refused", error.expected
    kind, words = verdict(expected, seen(worker, found.source, case))
    if kind == "wrong" and found.certificate.diverges:
        return "wrong, as its certificate says", words
    return kind, words


def main() -> None:
    """Carry every scheduler over twice, run all three, and print what comes out."""
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
            expected = seen(in_torch, sources[name], case)
            if expected.reported is None or expected.error:
                sys.exit(f"{name}: PyTorch itself does not run it: {expected.reason}")
            answers = {
                "PaConvert": translated(expected, in_paddle, texts[name], case),
                "lrspec": ported(expected, in_paddle, case),
            }
            print(name.replace("torch.optim.lr_scheduler.", ""))
            for by, (kind, words) in answers.items():
                counts[by][kind] += 1
                print(f"    {by:10} {kind}{': ' if words else ''}{words}")
        versions = f"PyTorch {in_torch.version()}, PaddlePaddle {in_paddle.version()}"
    print(f"\n{versions}, {document['requirement']}: {len(cases)} schedulers")
    for by, count in counts.items():
        print(f"{by}: " + ", ".join(f"{n} {kind}" for kind, n in count.most_common()))


if __name__ == "__main__":
    main()
