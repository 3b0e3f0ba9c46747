"""A worker process: one per backend, JSON lines, a deadline for each request."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, TypeVar

from lrspec.bindings.backend import Backend
from lrspec.errors import BackendAbsent, BadInput
from lrspec.json_input import document
from lrspec.runtime.messages import Description, Hello, Reply
from lrspec.runtime.observation import Answer
from lrspec.scenario.actions import Action

SERVE = Path(__file__).parent.parent / "worker" / "serve.py"
_START_SECONDS = 180.0  # a cold import of a framework from a slow disk
_ANSWER_SECONDS = 60.0
_EXIT_SECONDS = 5.0
_STEP_SECONDS = 0.002  # on a machine under load
_Message = TypeVar("_Message")


@dataclass(frozen=True)
class Question:
    """A source text, the optimizer's rates (one a group), and the actions to follow.

    *others* are source texts whose schedulers are built beside the first.
    """

    source: str
    base_lr: tuple[float, ...]
    actions: tuple[Action, ...]
    others: tuple[str, ...] = ()

    @property
    def steps(self) -> int:
        """How many steps of a scheduler the actions make."""
        return sum(action.steps for action in self.actions)

    def to_json(self) -> dict[str, Any]:
        """Return the request that a worker is sent."""
        return {
            "source": self.source,
            "others": self.others,
            "base_lr": self.base_lr,
            "actions": [action.to_json() for action in self.actions],
        }


@dataclass(frozen=True)
class _Failure:
    """Why there is no answer: the worker `crashed`, had a `timeout`, or `errored`."""

    status: Literal["crashed", "timeout", "errored"]
    reason: str


class Worker:
    """A backend's worker process, started at the first request and again after it ends.

    A context manager, which ends the process.
    """

    def __init__(self, backend: Backend, interpreter: str, deadline: float | None = None) -> None:
        self.backend = backend
        self.interpreter = interpreter
        self.deadline = deadline or backend.mode.deadline or _ANSWER_SECONDS
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
        """Return the public part of the framework's version.

        Raises `BackendAbsent` if the worker does not start, cannot import its framework, or reports
        another version than the installed one.
        """
        if self._process is None:
            self._start()
        return self._version

    def ask(self, question: Question) -> Answer:
        """Return what was observed, or why there is nothing, also of a worker that fails.

        Raises `BackendAbsent` as `version` does.
        """
        seconds = self.deadline + question.steps * _STEP_SECONDS
        reply = self._request(question.to_json(), seconds, Reply)
        if isinstance(reply, _Failure):
            return Answer(status=reply.status, reason=reply.reason)
        return reply

    def describe(self, request: Mapping[str, Any], seconds: float | None = None) -> Description:
        """Return the description of a scheduler that *request* asks for, within so many seconds.

        The request is `{"describe": …}` or `{"read": …}`. Raises `BackendAbsent` as `version` does.
        """
        reply = self._request(request, self.deadline if seconds is None else seconds, Description)
        if isinstance(reply, _Failure):
            return Description(status=reply.status, reason=reply.reason)
        return reply

    def _request(
        self, request: Mapping[str, Any], seconds: float, form: type[_Message]
    ) -> _Message | _Failure:
        """Return the answer to a *request* of the worker's protocol."""
        if self._left == 0:
            self._end()  # a mode may limit the runs of a process
        self.version()
        self._left -= 1
        process = self._process
        assert process is not None  # noqa: S101 - version() has started it
        assert process.stdin is not None  # noqa: S101
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            line = self._line(seconds)
        except TimeoutError:
            self._end()
            return _Failure("timeout", f"no answer within {self.deadline:g} s")
        except OSError:  # the worker has closed its end
            line = None
        if line is None:
            code = self._end(_EXIT_SECONDS)
            return _Failure("crashed", f"the worker died ({_ending(code)})")
        try:
            return document(line, form, "a worker's answer")
        except BadInput as error:
            self._end()  # what it would answer next may belong to this request
            return _Failure("errored", f"the worker's answer: {error}")

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
            self._version = self._checked(self._line(_START_SECONDS))
            self._left = self.backend.mode.runs_per_process or -1
        except (TimeoutError, BadInput) as error:
            self._end()
            raise BackendAbsent(f"the worker of {self.backend.title} does not answer") from error
        except BackendAbsent:
            self._end()
            raise

    def _checked(self, line: str | None) -> str:
        """Return the version that the worker's first line names, if its framework is there."""
        title, distribution = self.backend.title, self.backend.distribution
        if line is None:
            raise BackendAbsent(f"the worker of {title} ends at its start")
        hello = document(line, Hello, "a worker's first line")
        if hello.absent:
            raise BackendAbsent(f"{title} cannot be imported: {hello.absent}")
        installed = hello.installed
        if installed is None or _public(hello.version) != _public(installed):
            other = f"{distribution} {installed}" if installed else f"no {distribution}"
            raise BackendAbsent(
                f"{title} reports version {hello.version}, but {other} is installed"
            )
        self.classes = hello.classes
        return _public(hello.version)

    def _line(self, seconds: float) -> str | None:
        """Return the next line of the worker, None where it has ended."""
        try:
            return self._lines.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None

    def _end(self, patience: float = 0.0) -> int | None:
        """End the process if it has not ended by itself after *patience* seconds."""
        process, self._process = self._process, None
        if process is None:
            return None
        try:
            code = process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):  # unwritten output has no reader any more
                if stream:
                    stream.close()
        return code


def _read(stream: IO[str], lines: queue.Queue[str | None]) -> None:
    try:
        for line in stream:
            lines.put(line)
    except ValueError:  # the stream was closed during a read
        pass
    lines.put(None)


def _public(version: str) -> str:
    """Return *version* without its build (`+cpu`), which does not affect schedules."""
    return version.partition("+")[0]


def _ending(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
