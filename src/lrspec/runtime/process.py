"""A backend's worker process: JSON lines, and a deadline for each request."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar
from weakref import WeakSet

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
_Reply = TypeVar("_Reply", Answer, Description)


@dataclass(frozen=True)
class Question:
    """A source, the optimizer's rates (one per group), and the actions to follow.

    *others* are sources whose schedulers are built on the same optimizer.
    """

    source: str
    base_lr: tuple[float, ...]
    actions: tuple[Action, ...]
    others: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the request to a worker."""
        return {
            "source": self.source,
            "others": self.others,
            "base_lr": self.base_lr,
            "actions": [action.to_json() for action in self.actions],
        }


_WORKERS: WeakSet[Worker] = WeakSet()
_ALL_STOPPED = threading.Event()


def stop_all() -> None:
    """Stop every worker of this process, which starts no other one."""
    _ALL_STOPPED.set()
    for worker in [*_WORKERS]:
        worker.stop()


class Worker:
    """A backend's worker process, started by the first request and again after it has ended.

    A context manager that ends the process.
    """

    def __init__(self, backend: Backend, interpreter: str, deadline: float | None = None) -> None:
        self.backend = backend
        self.interpreter = interpreter
        self.deadline = deadline or backend.mode.deadline or _ANSWER_SECONDS
        self.classes: tuple[str, ...] = ()
        self._version = ""
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._requests_left = 0
        self._stopped = False
        _WORKERS.add(self)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def stop(self) -> None:
        """End the process for good; a request that waits for it is answered as after a crash."""
        self._stopped = True
        process = self._process
        if process is not None:
            process.kill()

    def version(self) -> str:
        """Return the public part of the framework's version.

        Raises `BackendAbsent` if the worker does not start, cannot import its framework, or reports
        another version than the installed one.
        """
        self._running()
        return self._version

    def ask(self, question: Question) -> Answer:
        """Return the observation of a run; a failure of the worker is an observation, too.

        Raises `BackendAbsent` as `version` does.
        """
        steps = sum(action.steps for action in question.actions)
        seconds = self.deadline + steps * _STEP_SECONDS
        return self._request(question.to_json(), seconds, Reply, Answer)

    def describe(self, request: Mapping[str, Any], seconds: float | None = None) -> Description:
        """Return the description of the scheduler in *request*, a `describe` or `read` request.

        Raises `BackendAbsent` as `version` does.
        """
        return self._request(request, seconds or self.deadline, Description, Description)

    def _request(
        self, request: Mapping[str, Any], seconds: float, form: type[_Reply], failed: type[_Reply]
    ) -> _Reply:
        """Return the answer, of type *form*, or as *failed* the reason why there is none."""
        if self._requests_left == 0:
            self._end()  # a mode may limit the runs of a process
        process = self._running()
        self._requests_left -= 1
        assert process.stdin is not None  # noqa: S101 - it is a pipe
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            self._end()
            return failed(status="timeout", reason=f"no answer within {seconds:g} s")
        except OSError:  # the worker has closed its end
            line = None
        if line is None:
            code = self._end(_EXIT_SECONDS)
            ending = f"exit code {code}" if code >= 0 else f"signal {-code}"
            return failed(status="crashed", reason=f"the worker died ({ending})")
        try:
            return document(line, form, "a worker's answer")
        except BadInput as error:
            self._end()  # its next line may still belong to this request
            return failed(status="errored", reason=f"the worker's answer: {error}")

    def _running(self) -> subprocess.Popen[str]:
        """Return the process, which is started if there is none."""
        if self._stopped or _ALL_STOPPED.is_set():
            raise BackendAbsent("stopped")
        if self._process is None:
            self._process = self._started()
            self._kill_if_stopped(self._process)
            try:
                self._version = self._checked_version()
            except BaseException:
                self._end()
                raise
        return self._process

    def _kill_if_stopped(self, process: subprocess.Popen[str]) -> None:
        """End *process* if `stop` was called while it was being started, and had none to end."""
        if self._stopped or _ALL_STOPPED.is_set():
            process.kill()

    def _started(self) -> subprocess.Popen[str]:
        """Start the process and a thread that reads its lines."""
        script = [str(SERVE), str(self.backend.folder / "worker.py")]
        command = [self.interpreter, *script, self.backend.name, self.backend.distribution]
        try:
            process = subprocess.Popen(  # noqa: S603 - the user's own interpreter
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
        self._requests_left = self.backend.mode.runs_per_process or -1
        threading.Thread(target=_read, args=(process.stdout, self._lines), daemon=True).start()
        return process

    def _checked_version(self) -> str:
        """Return the version in the worker's first line, which must be the installed one."""
        title, distribution = self.backend.title, self.backend.distribution
        try:
            line = self._lines.get(timeout=_START_SECONDS)
            hello = None if line is None else document(line, Hello, "a worker's first line")
        except (queue.Empty, BadInput) as error:
            raise BackendAbsent(f"the worker of {title} does not answer") from error
        if hello is None:
            raise BackendAbsent(f"the worker of {title} exits at startup")
        if hello.absent:
            raise BackendAbsent(f"{title} cannot be imported: {hello.absent}")
        version, installed = _public(hello.version), hello.installed
        if installed is None or version != _public(installed):
            other = f"{distribution} {installed}" if installed else f"no {distribution}"
            raise BackendAbsent(
                f"{title} reports version {hello.version}, but {other} is installed"
            )
        self.classes = hello.classes
        return version

    def _end(self, patience: float = 0.0) -> int:
        """End the process after *patience* seconds, if there is one; return its exit code."""
        process, self._process = self._process, None
        if process is None:
            return 0
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):  # unwritten output no longer has a reader
                if stream:
                    stream.close()
        return process.returncode


def _read(stream: IO[str], lines: queue.Queue[str | None]) -> None:
    with contextlib.suppress(ValueError):  # the stream was closed during a read
        for line in stream:
            lines.put(line)
    lines.put(None)


def _public(version: str) -> str:
    """Return *version* without its build (`+cpu`), which does not affect schedules."""
    return version.partition("+")[0]
