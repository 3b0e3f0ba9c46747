"""What a source or a user's file gives in the framework's own interpreter, described.

Standard library only, Python 3.8 syntax. An answer's `status` is `description`, with the
`description`, or `rejected`, with the `reason`; a file's says too whether the `place` is the file
or the expression, and what was `found` in place of a scheduler.
"""

import importlib.util
import linecache
import sys
import traceback
from pathlib import Path
from typing import Any, Callable, Dict, List

from .describe import describe, is_scheduler
from .session import first_line


def remember(name: str, text: str) -> None:
    """Let the source of the functions in *text* be found under the file name *name*."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)


def source(
    session: Callable[..., Any], text: str, base_lr: List[float], steps: int, trusted: List[str]
) -> Any:
    """Return the description of the scheduler that *text* builds, after so many steps."""
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
    """Return the description of what *expression* gives in the file at *path*, which is run."""
    remember("<expression>", expression)
    place = "file"
    try:
        names = run(path)
        place = "expression"
        found = eval(compile(expression, "<expression>", "eval"), names)  # noqa: S307
        return scheduler(found, trusted)
    except BaseException as error:  # a script may end itself
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == path]
        line = ", line {}".format(lines[-1]) if lines else ""
        return {"status": "rejected", "place": place, "reason": first_line(error) + line}


def scheduler(found: Any, trusted: List[str]) -> Dict[str, Any]:
    """Return the description of *found*, or what it is in place of a scheduler."""
    if is_scheduler(found):
        return {"status": "description", "description": describe(found, trusted)}
    kind = "a class" if isinstance(found, type) else type(found).__name__
    return {"status": "rejected", "place": "expression", "found": kind}


def run(path: str) -> Dict[str, Any]:
    """Return the names of the module at *path*, run as an import runs it."""
    sys.path.insert(0, str(Path(path).resolve().parent))
    sys.argv = [path]  # a script that parses its arguments has been given none
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
