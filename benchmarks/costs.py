"""Measure what the suite costs, for README.md: time and disk.

    python benchmarks/costs.py

Runs the conformance suite, its quick form and the tests that need no framework, and writes
benchmarks/costs.json: seconds of processor time, elapsed seconds, which depend on what else the
machine does, its load before, and bytes of the frameworks' environments. Needs what
`nox -s conformance` has made, and `lrspec[test]`.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from lrspec import resources
from lrspec.bindings.backend import frameworks
from lrspec.runtime.interpreter import interpreter

PATH = resources.root() / "benchmarks" / "costs.json"
CONFORMANCE = ("conformance/test_conformance.py",)
COMMANDS = {
    "conformance": CONFORMANCE,
    "conformance --quick": (*CONFORMANCE, "--quick"),
    "tests": ("-n", "2"),
}


def timed(*arguments: str) -> dict[str, int]:
    """Return the processor and elapsed seconds of pytest with *arguments*."""

    def used() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before, start = used(), time.perf_counter()
    command = (sys.executable, "-m", "pytest", "-q", *arguments)
    subprocess.run(command, cwd=resources.root(), check=True)  # noqa: S603
    seconds = time.perf_counter() - start
    return {"processor_seconds": round(used() - before), "elapsed_seconds": round(seconds)}


def disk() -> dict[str, int]:
    """Return the bytes of each framework's environment."""
    folders = {name: Path(interpreter(b)[0]).parents[1] for name, b in frameworks().items()}
    return {
        name: sum(path.lstat().st_size for path in folder.rglob("*"))
        for name, folder in folders.items()
    }


def main() -> None:
    """Measure what is named, by default everything, and write the file."""
    costs: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8")) if PATH.exists() else {}
    costs |= {"processors": os.cpu_count(), "disk_bytes": disk()}
    for name in sys.argv[1:] or COMMANDS:
        costs[name] = timed(*COMMANDS[name]) | {"load_before": round(os.getloadavg()[0])}
        PATH.write_text(json.dumps(costs, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
