"""The description of a scheduler that a source builds, or that a user's file makes.

Standard library only, Python 3.8 syntax. An answer has the `status` `description`, with the
`description`, or `rejected`, with the `reason`. For a file, `place` says whether the `file` or the
`expression` failed, and `found` is the type of a value that is not a scheduler.
"""

import importlib.util
import linecache
import sys
import traceback
from pathlib import Path
from typing import Any, Callable, Dict, List

from .copies import is_scheduler
from .describe import describe
from .same_optimizer import constructed, describe_all, is_list
from .session import first_line


def source(
    session: Callable[..., Any], text: str, base_lr: List[float], steps: int, trusted: List[str]
) -> Dict[str, Any]:
    """Return the description of the scheduler that *text* builds, after *steps* updates."""
    remember("<scheduler>", text)
    try:
        live = session(text, base_lr)
        for _ in range(steps):
            live.update(0)
            live.step()
        return {"status": "description", "description": describe(live.scheduler, trusted)}
    except Exception as error:
        return {"status": "rejected", "reason": first_line(error)}


def file(path: str, expression: str, trusted: List[str]) -> Dict[str, Any]:
    """Run the file at *path*, and return the description of the value of *expression* in it."""
    remember("<expression>", expression)
    place = "file"
    try:
        with constructed() as _kept:  # until this function returns
            names = run(path)
            place = "expression"
            value = eval(compile(expression, "<expression>", "eval"), names)  # noqa: S307
        if not is_scheduler(value) and not is_list(value):
            kind = "a class" if isinstance(value, type) else type(value).__name__
            return {"status": "rejected", "place": place, "found": kind}
        return {"status": "description", "description": describe_all(value, trusted, names)}
    except BaseException as error:  # a script may call sys.exit()
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == path]
        line = ", line {}".format(lines[-1]) if lines else ""
        return {"status": "rejected", "place": place, "reason": first_line(error) + line}


def remember(name: str, text: str) -> None:
    """Make `inspect` find the source of functions in *text*, compiled with file name *name*."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)


def run(path: str) -> Dict[str, Any]:
    """Return the namespace of the module at *path*, run as by an import."""
    sys.path.insert(0, str(Path(path).resolve().parent))
    sys.argv = [path]  # a script that parses its arguments gets none
    name = Path(path).stem
    if not name.isidentifier() or name in sys.modules:
        name = "_lrspec_file"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return vars(module)
