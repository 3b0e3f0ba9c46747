"""Kill runs at random moments: no orphan, no files of two runs, and a rerun gives the same bytes.

    python conformance/kills.py --count 100 --seed 1

A run is a process that runs the toy framework of `conformance/fakes/` and writes its results.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from fake_backends import fake

from lrspec.spec.recipe import from_dict
from lrspec.suite.cases import Case
from lrspec.suite.findings import results_of, write_results
from lrspec.suite.plan import plan
from lrspec.suite.run import observe

_TOKEN = "LRSPEC_KILLS"  # noqa: S105 - marks the processes of a run
_STEPS = {"first": 30, "second": 40}
_SECONDS = 30.0  # until what has been killed must have ended


def run(folder: Path, name: str) -> None:
    """Run the toy framework and write the results of the run called *name* into *folder*."""
    with tempfile.TemporaryDirectory() as backends:
        backend = fake("honest", Path(backends))
        recipe = from_dict({"schedule": "cosine_annealing", "base_lr": 1, "T_max": 10})
        cases = [Case(f"cosine/{number}", "", recipe) for number in range(20)]
        runs = plan(cases, [backend], ["stepwise"], _STEPS[name])
        observations = observe(runs, {"toy": sys.executable})
        write_results(folder, runs, observations, results_of(runs, observations))


def start(folder: Path, name: str, token: str) -> subprocess.Popen[bytes]:
    """Start a process that does `run`; its processes have *token* in their environment."""
    command = [sys.executable, __file__, "--run", name, "--folder", str(folder)]
    return subprocess.Popen(command, env={**os.environ, _TOKEN: token})


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of each file of a run, without those that were not moved to their places."""
    files = (path for path in folder.rglob("*") if path.is_file())
    names = {str(path.relative_to(folder)): path.read_bytes() for path in files}
    return {name: data for name, data in names.items() if not name.startswith(".new")}


def orphans(token: str) -> list[int]:
    """Return the processes with *token* in their environment that have not ended."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            is_marked = f"{_TOKEN}={token}".encode() in (path / "environ").read_bytes().split(b"\0")
        except OSError:  # it has ended, or is somebody else's
            continue
        if is_marked:
            found.append(int(path.name))
    return found


def kill_runs(count: int, seed: int, folder: Path) -> Counter[str]:
    """Kill *count* runs at random moments; return how often each of the states was left.

    Raises `AssertionError` for an orphan, files of two runs, and a rerun that has other bytes.
    """
    chance, left = random.Random(seed), Counter[str]()
    whole = {}
    for name in _STEPS:
        started = time.monotonic()
        assert start(folder / name, name, "whole").wait() == 0
        seconds = time.monotonic() - started
        whole[name] = contents(folder / name)
    for number in range(count):
        out, token = folder / "out", f"{os.getpid()}-{number}"
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(folder / "first", out)
        process = start(out, "second", token)
        time.sleep(chance.uniform(0, 1.05 * seconds))
        process.kill()
        process.wait()
        end = time.monotonic() + _SECONDS
        while orphans(token):
            assert time.monotonic() < end, f"orphans of run {number}: {orphans(token)}"
            time.sleep(0.02)
        files = contents(out)
        state = next((name for name in whole if files == whole[name]), "no index")
        assert state in whole or "results.json" not in files, f"run {number}: {sorted(files)}"
        left[state] += 1
    assert start(folder / "out", "second", "again").wait() == 0
    assert contents(folder / "out") == whole["second"]
    return left


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--run", choices=_STEPS)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.run:
        run(given.folder, given.run)
        return
    with tempfile.TemporaryDirectory() as folder:
        left = kill_runs(given.count, given.seed, Path(folder))
    print(f"{given.count} runs killed; left: {dict(left)}")  # noqa: T201


if __name__ == "__main__":
    main()
