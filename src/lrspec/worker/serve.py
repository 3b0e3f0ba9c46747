"""The worker's half of the protocol; runs in a framework's own interpreter, standard library only.

    python serve.py WORKER.py MODE DISTRIBUTION

It answers JSON lines on what was its stdout with one JSON line each. Before the framework is
imported, the real stdout is taken away, so that nothing that the framework prints can be taken
for an answer. Python 3.8 syntax, so that old releases can join.

A request's actions, and what a `worker.py` offers to carry them out, stand in `session.py`. It may
ask for a scheduler's description in place of a run: `describe` of what a source builds, `read` of
what an expression gives in a user's file, each with what `evaluate.py` takes.
"""

import ctypes
import importlib
import importlib.util
import json
import os
import signal
import sys
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import IO, Any, Dict, Optional, Tuple


def ours(name: str) -> ModuleType:
    """Return the module *name* of this folder, in a package of a name that shadows no other."""
    if "_lrspec" not in sys.modules:
        package = ModuleType("_lrspec")
        package.__path__ = [str(Path(__file__).parent)]
        sys.modules["_lrspec"] = package
    return importlib.import_module("_lrspec." + name)


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


def main(path: str, mode: str, distribution: str) -> None:
    """Say hello, then answer every request until there are no more."""
    die_with_parent()
    session = ours("session")
    requests, answers = take_stdout()

    def say(message: Dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    try:
        worker = load(path)
        version, _ = str(worker.VERSION), worker.Session
        named = getattr(worker, "SCHEDULES", None)  # where they are no classes
        offered = session.classes(worker.MODULES) if named is None else named
    except BaseException as error:
        say({"absent": session.first_line(error)})
        os._exit(1)
    python = "{}.{}.{}".format(*sys.version_info[:3])
    hello = {"version": version, "installed": installed(distribution)}
    say(dict(hello, python=python, classes=offered))
    for line in requests:
        request = json.loads(line)
        if "read" in request:
            say(ours("evaluate").file(**request["read"]))
        elif "describe" in request:
            say(ours("evaluate").source(partial(worker.Session, mode), **request["describe"]))
        else:
            say(dict(session.answer(worker, mode, request), run=request["run"]))
    os._exit(0)  # some frameworks crash while they are torn down, after all work is done


if __name__ == "__main__":
    main(*sys.argv[1:])
