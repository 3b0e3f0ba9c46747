"""The worker process: it answers requests inside a framework's interpreter.

    python serve.py WORKER.py MODE DISTRIBUTION

Each request is a JSON line on stdin and gets one JSON line on stdout. Both streams are moved to
other descriptors before the framework is imported, so that its output cannot be mistaken for an
answer. Standard library only, Python 3.8 syntax, so that old framework releases can be run.

A request is a run (its actions, and what a `worker.py` provides for them, are in `session.py`) or
asks for the description of a scheduler: `describe`, of one that a source builds, or `read`, of the
value of an expression in a user's file. The arguments of the last two are in `evaluate.py`.
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


def sibling(name: str) -> ModuleType:
    """Return the module *name* of this folder, imported under a package name that shadows none."""
    if "_lrspec" not in sys.modules:
        package = ModuleType("_lrspec")
        package.__path__ = [str(Path(__file__).parent)]
        sys.modules["_lrspec"] = package
    return importlib.import_module("_lrspec." + name)


def take_stdout() -> Tuple[IO[str], IO[str]]:
    """Return the real stdin and stdout, replaced by an empty stdin and by stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    os.dup2(2, 1)
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    return requests, answers


def die_with_parent() -> None:
    """Make the kernel kill this process when its parent ends (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def load(path: str) -> ModuleType:
    """Return the worker module at *path*, whose folder replaces this one in `sys.path`."""
    sys.path[0] = str(Path(path).parent)
    spec = importlib.util.spec_from_file_location("lrspec_worker", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def installed(distribution: str) -> Optional[str]:
    """Return the version of *distribution* in the environment's metadata, None if it has none."""
    from importlib import metadata  # noqa: PLC0415

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def main(path: str, mode: str, distribution: str) -> None:
    """Send the framework's version and classes, then answer requests until stdin ends."""
    die_with_parent()
    session = sibling("session")
    requests, answers = take_stdout()

    def send(message: Dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    try:
        worker = load(path)
        version, _ = str(worker.VERSION), worker.Session
        named = getattr(worker, "SCHEDULES", None)  # where they are no classes
        classes = session.classes(worker.MODULES) if named is None else named
    except BaseException as error:
        send({"absent": session.first_line(error)})
        os._exit(1)
    python = "{}.{}.{}".format(*sys.version_info[:3])
    hello = {"version": version, "installed": installed(distribution)}
    send(dict(hello, python=python, classes=classes))
    for line in requests:
        request = json.loads(line)
        if "read" in request:
            send(sibling("evaluate").file(**request["read"]))
        elif "describe" in request:
            send(sibling("evaluate").source(partial(worker.Session, mode), **request["describe"]))
        else:
            send(session.answer(worker, mode, request))
    os._exit(0)  # some frameworks crash in their teardown, when all work is done


if __name__ == "__main__":
    main(*sys.argv[1:])
