"""The worker's half of the protocol; runs in a framework's own interpreter, standard library only.

    python serve.py WORKER.py MODE DISTRIBUTION

It answers JSON lines on what was its stdout with one JSON line each. Before the framework is
imported, the real stdout is taken away, so that nothing that the framework prints can be taken
for an answer. Python 3.8 syntax, so that old releases can join.

A `worker.py` offers `VERSION` and `Session(mode, source, base_lr)`, a live optimizer and scheduler:

    rates()     the reported rates, one a group, or None where the mode reports none
    update(k)   one optimizer update, its applied rate kept in slot k
    step()      `scheduler.step()`;  jump(t)  `scheduler.step(t)`
    applied(n)  the rates kept in the slots 0 … n - 1, one list a group; clears them
    SLOTS       how many slots there are
"""

import ctypes
import importlib.util
import json
import os
import re
import signal
import sys
from pathlib import Path
from types import ModuleType
from typing import IO, Any, Dict, List, Optional, Tuple

Numbers = Optional[List[List[float]]]


def take_stdout() -> Tuple[IO[str], IO[str]]:
    """Return the real stdin and stdout, and give the process silent ones in their place."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    os.dup2(2, 1)
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    return requests, answers


def die_with_parent() -> None:
    """Ask the kernel to end this process when the one that asked for it ends (Linux alone)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def load(path: str) -> ModuleType:
    """Return the worker module at *path*; its folder takes the place of this one on the path."""
    sys.path[0] = str(Path(path).parent)
    spec = importlib.util.spec_from_file_location("lrspec_worker", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def installed(distribution: str) -> Optional[str]:
    """Return the version that the environment says it holds, None where it says nothing."""
    from importlib import metadata  # noqa: PLC0415

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def first_line(error: BaseException) -> str:
    """Return an exception as its type and the first line of its message, without its colours."""
    lines = re.sub("\x1b\\[[0-9;]*m", "", str(error)).strip().splitlines()
    return "{}: {}".format(type(error).__name__, lines[0] if lines else "").rstrip(": ")


class Run:
    """One scheduler, driven by a list of actions, observed at every update."""

    def __init__(self, session: Any, slots: int) -> None:
        self.session = session
        self.slots = slots
        self.reported: List[Any] = []
        self.applied: List[Any] = []
        self.kept = 0
        self.error: Optional[str] = None

    def drive(self, actions: List[Tuple[str, int]]) -> None:
        """Follow *actions* to their end or to the first exception, which ends the trace."""
        try:
            for verb, number in actions:
                if verb == "jump":
                    self.session.jump(number)
                else:
                    self.updates(number)
        except Exception as error:
            self.error = first_line(error)
        self.collect()

    def updates(self, count: int) -> None:
        """Do *count* updates, each followed by a step of the scheduler."""
        session, slots, reported = self.session, self.slots, self.reported
        for _ in range(count):
            rates = session.rates()
            session.update(self.kept)
            reported.append(rates)
            self.kept += 1
            if self.kept == slots:
                self.collect()
            session.step()

    def collect(self) -> None:
        """Read the applied rates of the updates since the last time."""
        if self.kept:
            self.applied.extend(zip(*self.session.applied(self.kept)))
            self.kept = 0


def numbers(rows: List[Any]) -> Numbers:
    """Return rows of rates as plain floats, None where nothing was reported."""
    if not rows or rows[0] is None:
        return None
    return [[float(rate) for rate in row] for row in rows]


def answer(worker: ModuleType, mode: str, request: Dict[str, Any]) -> Dict[str, Any]:
    """Return the answer to one request: what was observed, or why there is nothing."""
    try:
        session = worker.Session(mode, request["source"], request["base_lr"])
    except Exception as error:
        return {"status": "rejected", "reason": first_line(error)}
    run = Run(session, worker.SLOTS)
    try:
        run.drive(request["actions"])
    except Exception as error:  # what the scheduler raises ends the trace; this is the worker's own
        return {"status": "errored", "reason": first_line(error)}
    return {
        "status": "trace",
        "reported": numbers(run.reported),
        "applied": numbers(run.applied),
        "error": run.error,
    }


def main(path: str, mode: str, distribution: str) -> None:
    """Say hello, then answer every request until there are no more."""
    die_with_parent()
    requests, answers = take_stdout()

    def say(message: Dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    try:
        worker = load(path)
        version, _ = str(worker.VERSION), worker.Session
    except BaseException as error:
        say({"absent": first_line(error)})
        os._exit(1)
    python = "{}.{}.{}".format(*sys.version_info[:3])
    hello = {"version": version, "installed": installed(distribution)}
    say(dict(hello, python=python))
    for line in requests:
        request = json.loads(line)
        say(dict(answer(worker, mode, request), run=request["run"]))
    os._exit(0)  # some frameworks crash while they are torn down, after all work is done


if __name__ == "__main__":
    main(*sys.argv[1:])
