"""The worker process: it answers requests inside a framework's interpreter.

    python serve.py WORKER.py MODE DISTRIBUTION [GRAFT]

Each request is a JSON line on stdin and gets one JSON line on stdout, with the same `id`. Both
streams are moved to other descriptors before the framework is imported, so that its output cannot
be mistaken for an answer. Standard library only, Python 3.8 syntax, so that old framework releases
can be run. GRAFT is a folder with the modules of another release, which are loaded over the
installed framework.

A request is a run, as `session.py` describes it, or one of two for the description of a scheduler,
with the arguments of the functions in `evaluate.py`: `describe` of the scheduler that a source
builds, `read` of the value of an expression in a user's file.
"""

import ctypes
import importlib
import json
import os
import signal
import sys
from functools import partial
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import IO, Any, Dict, Optional, Tuple

#: The modules of this folder are imported as `_lrspec.…`, a name that hides no other module.
PACKAGE = ModuleType("_lrspec")
PACKAGE.__path__ = [str(Path(__file__).parent)]
sys.modules["_lrspec"] = PACKAGE


def sibling(name: str) -> ModuleType:
    """Return the module *name* of this folder."""
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
    return importlib.import_module(Path(path).stem)


def installed(distribution: str) -> Optional[str]:
    """Return the installed version of *distribution*, None if it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def main(path: str, mode: str, distribution: str, folder: str = "") -> None:
    """Send the framework's version and classes, then answer requests until stdin ends."""
    die_with_parent()
    session = sibling("session")
    graft = sibling("graft").install(folder) if folder else None
    requests, answers = take_stdout()

    def send(message: Dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    try:
        worker = load(path)
        new_session = partial(worker.Session, mode)
        functions = getattr(worker, "SCHEDULES", None)  # of a framework without classes
        hello = {
            "version": str(worker.VERSION),
            "installed": installed(distribution),
            "python": "{}.{}.{}".format(*sys.version_info[:3]),
            "classes": session.classes(worker.MODULES) if functions is None else functions,
            "grafted": [] if graft is None else graft.found,
        }
    except BaseException as error:
        send({"absent": session.first_line(error)})
        os._exit(1)
    send(hello)
    for line in requests:
        request = json.loads(line)
        if "read" in request:
            reply = sibling("evaluate").file(**request["read"])
        elif "describe" in request:
            reply = sibling("evaluate").source(new_session, **request["describe"])
        else:
            reply = session.answer(worker, mode, request)
        send({**reply, "id": request["id"]})
    os._exit(0)  # some frameworks crash in their teardown, when all work is done


if __name__ == "__main__":
    main(*sys.argv[1:])
