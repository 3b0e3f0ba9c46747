"""Asking a worker: one process a backend, JSON lines, a deadline for each question."""

from __future__ import annotations

import contextlib
import json
import math
import queue
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from lrspec.bindings.backend import Backend
from lrspec.errors import BackendAbsent

SERVE = Path(__file__).parent.parent / "worker" / "serve.py"
_STARTING = 180.0  # seconds; a cold import of a framework from a slow disk
_ANSWERING = 60.0
_DYING = 5.0
_A_STEP = 0.002  # what a step may take on a machine with much else to do


@dataclass(frozen=True)
class Question:
    """A source text, the optimizer's rates (one a group), and the actions to follow.

    *others* are source texts whose schedulers are built beside the first.
    """

    source: str
    base_lr: tuple[float, ...]
    actions: tuple[tuple[str, Any], ...]
    others: tuple[str, ...] = ()

    @property
    def steps(self) -> int:
        """How many steps the actions ask for, of the scheduler alone or with an update."""
        counted: dict[str, Callable[[Any], int]] = {
            **dict.fromkeys(("updates", "read", "get_lr"), int),
            "steps": lambda run: run[0],
            "together": math.prod,
            "metrics": len,
        }
        return sum(counted[verb](found) for verb, found in self.actions if verb in counted)


class Worker:
    """A backend's worker process, started at the first question and again after it dies.

    A context manager; leaving it ends the process.
    """

    def __init__(self, backend: Backend, interpreter: str, deadline: float | None = None) -> None:
        self.backend = backend
        self.interpreter = interpreter
        self.deadline = deadline or backend.mode.deadline or _ANSWERING
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._version = ""
        self.classes: tuple[str, ...] = ()
        self._left = 0

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def version(self) -> str:
        """Return the framework's version, its public part.

        Raises `BackendAbsent` where the worker does not start, cannot import its framework, or
        names another version than the one that is installed.
        """
        if self._process is None:
            self._start()
        return self._version

    def ask(self, question: Question) -> dict[str, Any]:
        """Return the worker's answer: `status` and what belongs to it.

        `trace` has `reported` and `applied` (rows of rates, or None) and `error`; `rejected`,
        `crashed` and `timeout` have a `reason`. Raises `BackendAbsent` as `version` does.
        """
        request = {
            "run": 0,
            "source": question.source,
            "others": question.others,
            "base_lr": question.base_lr,
            "actions": [(verb, _without_nan(argument)) for verb, argument in question.actions],
        }
        return self.request(request, self.deadline + question.steps * _A_STEP)

    def request(self, request: Mapping[str, Any], seconds: float | None = None) -> dict[str, Any]:
        """Return the answer to a *request* of the worker's protocol, within so many seconds.

        Its `status` is `crashed`, `timeout` or `errored` where the worker gave none. Raises
        `BackendAbsent` as `version` does.
        """
        if self._left == 0:
            self._end()  # a mode may wear its process out
        self.version()
        self._left -= 1
        limit = self.deadline if seconds is None else seconds
        process = self._process
        assert process is not None  # noqa: S101 - version() has started it
        assert process.stdin is not None  # noqa: S101
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            answer = self._answer(limit)
        except TimeoutError:
            self._end()
            return {"status": "timeout", "reason": f"no answer within {self.deadline:g} s"}
        except OSError:  # there is no one to write to any more
            answer = None
        except ValueError:
            self._end()
            return {"status": "errored", "reason": "the worker's answer is no JSON"}
        if answer is None:
            code = self._end(_DYING)
            return {"status": "crashed", "reason": f"the worker died ({_ending(code)})"}
        return answer

    def _start(self) -> None:
        script = [str(SERVE), str(self.backend.folder / "worker.py")]
        command = [self.interpreter, *script, self.backend.name, self.backend.distribution]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the user's own interpreter
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
            )
        except OSError as error:
            reason = (error.strerror or "").lower()
            raise BackendAbsent(f"{self.interpreter} does not run: {reason}") from error
        self._lines = queue.Queue()
        reader = threading.Thread(target=_read, args=(self._process.stdout, self._lines))
        reader.daemon = True
        reader.start()
        try:
            self._version = self._checked(self._answer(_STARTING))
            self._left = self.backend.mode.runs_per_process or -1
        except (TimeoutError, ValueError) as error:
            self._end()
            raise BackendAbsent(f"{self.backend.title}'s worker does not say hello") from error
        except BackendAbsent:
            self._end()
            raise

    def _checked(self, hello: Mapping[str, Any] | None) -> str:
        title, distribution = self.backend.title, self.backend.distribution
        if hello is None:
            raise BackendAbsent(f"{title}'s worker dies at its start")
        if "absent" in hello:
            raise BackendAbsent(f"{title} does not import: {hello['absent']}")
        said, installed = hello["version"], hello["installed"]
        if installed is None or _public(said) != _public(installed):
            held = f"{distribution} {installed}" if installed else f"no {distribution}"
            raise BackendAbsent(f"{title} says it is {said}, but its environment holds {held}")
        self.classes = tuple(hello.get("classes", ()))
        return _public(said)

    def _answer(self, seconds: float) -> dict[str, Any] | None:
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None
        if line is None:
            return None
        return dict(json.loads(line))

    def _end(self, patience: float = 0.0) -> int | None:
        """End the process, after *patience* seconds in which it may end itself."""
        process, self._process = self._process, None
        if process is None:
            return None
        try:
            code = process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):  # what is still to be written has no reader now
                if stream:
                    stream.close()
        return code


def _read(stream: IO[str], lines: queue.Queue[str | None]) -> None:
    try:
        for line in stream:
            lines.put(line)
    except ValueError:  # the stream was closed under the reader
        pass
    lines.put(None)


def _without_nan(argument: Any) -> Any:
    """Return an action's argument with null for NaN, which JSON does not know."""
    if isinstance(argument, tuple):
        return [None if number != number else number for number in argument]
    return argument


def _public(version: str) -> str:
    """Return *version* without its build (`+cpu`), which says nothing of the schedules."""
    return version.partition("+")[0]


def _ending(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
