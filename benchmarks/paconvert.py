"""Port PyTorch schedulers to Paddle with PaConvert and with lrspec, and compare the results.

    python benchmarks/paconvert.py

PaConvert translates names and arguments; its output is run unchanged, with an optimizer that has
the same base learning rate. lrspec reads the same scheduler, built in PyTorch, and ports it. The
original runs in PyTorch, and both sources run in Paddle, for thousands of updates, past the end of
every schedule. A source is right only if each rate is the original's, to 1e-12 of the peak, and if
it raises an error where the original does, and nowhere else. Prints the outcome of every scheduler,
and the counts, and writes them to paconvert_results.json.

PaConvert runs in the interpreter named by LRSPEC_PACONVERT_PYTHON, or in an environment that is
made in .nox/paconvert.
"""

from __future__ import annotations

import json
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
from lrspec.bindings.backend import backend_of, packages
from lrspec.engine.closed_form import Rates
from lrspec.errors import Unsupported
from lrspec.importers.scheduler import of_description
from lrspec.port.port import ports
from lrspec.port.result import Port
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.observation import Observation, from_answer
from lrspec.runtime.process import Question, Worker
from lrspec.scenario.actions import Action
from lrspec.spec.recipe import Recipe
from lrspec.suite.cases import Case
from lrspec.suite.departing import meant
from lrspec.verdict.compare import errors, pair
from lrspec.verdict.files import write

#: The outcome of one port: a category, and the details.
Outcome = tuple[str, str]
DATA = Path(__file__).with_suffix(".json")
RESULTS = DATA.with_name("paconvert_results.json")
UPDATES = 5000  # past the longest schedule, a cycle of 4000
BOUND = 1e-12  # of the peak
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
    """Return the observation of `UPDATES` updates of *source* in *worker*.

    The last of the case's metrics, if it has any, is repeated.
    """
    action = Action("updates", UPDATES)
    if metrics := case.get("metrics"):
        action = Action("metrics", (*metrics, *[metrics[-1]] * (UPDATES - len(metrics))))
    return from_answer(worker.ask(Question(source, (float(case["base_lr"]),), (action,))))


def verdict(original: Observation, port: Observation) -> Outcome:
    """Return the outcome of comparing the run of a port with that of its original."""
    if port.reported is None:
        return "wrong", f"{port.status}: {port.reason}"
    if wrong := difference(original.rates, port.rates):
        return "wrong", wrong
    ends, ended = end(original), end(port)
    if ends != ended:
        return "wrong", f"{ended}, the original {ends}"
    if original.momentum is None:
        return "right", ""
    if port.momentum is None:
        return "right except for the momentum", "PyTorch changes the momentum too"
    wrong = difference(original.momentum, port.momentum)
    return ("right except for the momentum", wrong) if wrong else ("right", "")


def difference(expected: Rates, observed: Rates) -> str:
    """Return where two traces differ, as far as both go, and by how much; "" if they do not."""
    count = min(len(expected), len(observed))
    expected, observed = expected[:count], observed[:count]
    error = errors(expected, observed).max(axis=1)
    peak = np.abs(expected).max()
    wrong = np.flatnonzero(error > BOUND * peak)
    if not wrong.size:
        return ""
    worst = int(error.argmax())
    extent = f"{len(wrong)} of {count} updates, from update {wrong[0]} on"
    right, found = pair(expected[worst], observed[worst])
    size = f"{error[worst] / peak:.2g} of the peak"
    return f"{extent}; the largest error, {size}, is {found} instead of {right} at update {worst}"


def end(observation: Observation) -> str:
    """Return how a run ends."""
    if observation.error is None:
        return "raises no error"
    return f"raises an error at update {len(observation.rates)}"


def translated(
    original: Observation, worker: Worker, text: str, case: Mapping[str, Any]
) -> Outcome:
    """Return the outcome of PaConvert's output *text*."""
    unconverted = [line for line in text.splitlines() if line.startswith(UNCONVERTED)]
    if unconverted:
        details = unconverted[0].removeprefix(UNCONVERTED).strip()
        return "not converted", details if details.startswith(CRASH) else ""
    source = text + ADAPTER.format(base_lr=float(case["base_lr"]))
    return verdict(original, observe(worker, source, case))


def read(worker: Worker, source: str, case: Mapping[str, Any]) -> Recipe:
    """Return what `lrspec read` reads of the scheduler that *source* builds."""
    build = {"text": source, "base_lr": [float(case["base_lr"])], "steps": 0}
    answer = worker.describe({"describe": {**build, "trusted": packages()}})
    if answer.description is None:
        sys.exit(f"{case['scheduler']}: {answer.reason}")
    recipe, _ = meant(of_description(answer.description))
    return recipe


def ported(
    original: Observation, worker: Worker, port: Port | Unsupported, case: Mapping[str, Any]
) -> Outcome:
    """Return the outcome of lrspec's port, and whether its certificate reports a divergence."""
    if isinstance(port, Unsupported):
        return "rejected", str(port)
    category, details = verdict(original, observe(worker, port.source, case))
    if category == "wrong" and port.certificate.diverges:
        return "wrong, as its certificate reports", details
    return category, details


def main() -> None:
    """Port every scheduler both ways, run all sources, print and write the outcomes."""
    document = resources.read_json(DATA)
    cases = document["cases"]
    sources = {case["scheduler"]: MODULE.format(case["scheduler"]) for case in cases}
    texts = converted(environment(document["requirement"]), sources)
    torch, paddle = backend_of("torch"), backend_of("paddle")
    with (
        Worker(torch, interpreter(torch)[0]) as in_torch,
        Worker(paddle, interpreter(paddle)[0]) as in_paddle,
    ):
        recipes = [read(in_torch, sources[case["scheduler"]], case) for case in cases]
        wanted = [(Case(f"original/{i}", "", r), paddle) for i, r in enumerate(recipes)]
        results = []
        for case, port in zip(cases, ports(wanted), strict=True):
            name = case["scheduler"]
            original = observe(in_torch, sources[name], case)
            if original.reported is None:
                sys.exit(f"{name}: PyTorch cannot run it: {original.reason}")
            outcomes = {
                "PaConvert": translated(original, in_paddle, texts[name], case),
                "lrspec": ported(original, in_paddle, port, case),
            }
            print(name.replace("torch.optim.lr_scheduler.", ""))
            for tool, (category, details) in outcomes.items():
                print(f"    {tool:10} {category}{': ' if details else ''}{details}")
            results.append({"scheduler": name, "original": end(original), **outcomes})
        versions = f"PyTorch {in_torch.version()}, PaddlePaddle {in_paddle.version()}"
    versions += f", {document['requirement']}"
    counts = {
        tool: Counter(found[tool][0] for found in results) for tool in ("PaConvert", "lrspec")
    }
    stored = {"versions": versions, "updates": UPDATES, "counts": counts, "results": results}
    write(RESULTS, json.dumps(stored, indent=1) + "\n")
    print(f"\n{versions}: {len(cases)} schedulers, {UPDATES} updates")
    for tool, count in counts.items():
        print(f"{tool}: " + ", ".join(f"{n} {category}" for category, n in count.most_common()))


if __name__ == "__main__":
    main()
