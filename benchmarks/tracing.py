"""Time a traced update against an untraced one, in each framework.

    python benchmarks/tracing.py [BACKEND ...]

An untraced update is `optimizer.step(); scheduler.step()`, or one call of the graph or program.
Prints the ratio of the two times, measured alternately in one process.
"""

from __future__ import annotations

import subprocess
import sys

from lrspec.bindings.backend import backend_of, backends
from lrspec.codegen.emit import emit
from lrspec.errors import BackendAbsent
from lrspec.runtime import process
from lrspec.runtime.interpreter import interpreter
from lrspec.spec.recipe import from_dict

RECIPE = from_dict({"schedule": "cosine_annealing", "base_lr": 0.1, "T_max": 1000})
AT_MOST = 1.5
TRIES = 3  # about one process in a hundred crashes in OneFlow's nn.Graph

CHILD = """
import os, statistics, sys, time
sys.path.insert(0, sys.argv[1])
import serve
worker = serve.load(sys.argv[2])
session = worker.Session(sys.argv[3], sys.argv[4], [0.1])
run = serve.sibling("session").Run(session, worker.SLOTS)
COUNT = worker.SLOTS * 16

def untraced():
    if sys.argv[3].endswith("-graph"):
        gradient = worker.GRADIENTS[session.dtype][0]
        for _ in range(COUNT):
            session.graph(gradient)
    else:
        static = sys.argv[3].endswith("-static")
        update = (lambda: session.update(0)) if static else session.optimizer.step
        step = session.scheduler.step
        for _ in range(COUNT):
            update()
            step()
    session.applied(1)

def seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start

run.updates(COUNT)
untraced()
ratios = [seconds(lambda: run.updates(COUNT)) / seconds(untraced) for _ in range(9)]
print(statistics.median(ratios), min(ratios), max(ratios))
"""


def main() -> None:
    """Print one line per backend."""
    for name in sys.argv[1:] or backends():
        backend = backend_of(name)
        try:
            path, _ = interpreter(backend)
        except BackendAbsent as reason:
            print(reason)
            continue
        source = emit(RECIPE, backend).text
        places = [str(process.SERVE.parent), str(backend.folder / "worker.py")]
        command = [path, "-c", CHILD, *places, name, source]
        numbers: list[str] = []
        for _ in range(TRIES):
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
            numbers = done.stdout.split()[-3:]
            if done.returncode == 0 and numbers:
                break
        else:
            print(f"{name}: no answer (exit code {done.returncode})")
            continue
        middle, low, high = map(float, numbers)
        print(f"{name}: traced / untraced {middle:.2f} ({low:.2f} to {high:.2f}; budget {AT_MOST})")


if __name__ == "__main__":
    main()
