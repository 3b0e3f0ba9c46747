"""A backend's worker process: JSON lines, and a deadline for each request."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakSet

from lrspec.bindings.backend import Backend
from lrspec.errors import BackendAbsent, BadInput
from lrspec.json_input import document
from lrspec.runtime import pipes
from lrspec.runtime.messages import Description, Hello, Reply
from lrspec.runtime.observation import Answer
from lrspec.scenario.actions import Action
from lrspec.spec.origin import check_version

#: What marks the version of a framework with the scheduler modules of another release.
GRAFT = "+graft"
SERVE = Path(__file__).parent.parent / "worker" / "serve.py"
_START_SECONDS = 180.0  # a cold import of a framework from a slow disk
_ANSWER_SECONDS = 60.0
_EXIT_SECONDS = 5.0
_STEP_SECONDS = 0.002  # on a machine under load
_Reply = TypeVar("_Reply", Reply, Description)
_Failed = TypeVar("_Failed", Answer, Description)


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
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: pipes.Lines = queue.Queue()
        self._requests = 0
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
            pipes.kill(process)

    def version(self) -> str:
        """Return the public part of the framework's version; with a graft `2.3.1+graft`.

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
        self, request: Mapping[str, Any], seconds: float, form: type[_Reply], failed: type[_Failed]
    ) -> _Reply | _Failed:
        """Return the answer, of type *form*, or as *failed* the reason why there is none."""
        if self._requests_left == 0 or not self._lines.empty():
            self._end()  # a mode may limit the runs of a process; or it has answered too much
        process = self._running()
        assert process.stdin is not None  # noqa: S101 - it is a pipe
        self._requests_left -= 1
        self._requests += 1
        line = json.dumps({**request, "id": self._requests}).encode() + b"\n"
        pipes.send(process.stdin, line, self._lines)
        end = time.monotonic() + seconds
        try:
            while (answer := self._lines.get(timeout=max(end - time.monotonic(), 0))) is not None:
                reply = document(answer, form, "a worker's answer")
                if reply.id >= self._requests:
                    return _checked(reply, self._requests)
        except queue.Empty:
            self._end()
            return failed(status="timeout", reason=f"no answer within {seconds:g} s")
        except BadInput as error:
            self._end()  # its next line may still belong to this request
            return failed(status="errored", reason=f"the worker's answer: {error}")
        code = self._end(_EXIT_SECONDS)
        ending = f"exit code {code}" if code >= 0 else f"signal {-code}"
        return failed(status="crashed", reason=f"the worker died ({ending})")

    def _running(self) -> subprocess.Popen[bytes]:
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

    def _kill_if_stopped(self, process: subprocess.Popen[bytes]) -> None:
        """End *process* if `stop` was called while it was being started, and had none to end."""
        if self._stopped or _ALL_STOPPED.is_set():
            process.kill()

    def _started(self) -> subprocess.Popen[bytes]:
        """Start the process and a thread that reads its lines."""
        script = [str(SERVE), str(self.backend.folder / "worker.py")]
        graft = [] if self.backend.graft is None else [str(self.backend.graft)]
        command = [self.interpreter, *script, self.backend.name, self.backend.distribution, *graft]
        try:
            process = subprocess.Popen(  # noqa: S603 - the user's own interpreter
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # so that what it starts is ended with it
            )
        except OSError as error:
            reason = (error.strerror or "").lower()
            raise BackendAbsent(f"{self.interpreter} does not run: {reason}") from error
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        self._lines = pipes.lines_of(process.stdout)
        self._requests_left = self.backend.mode.runs_per_process or -1
        return process

    def _checked_version(self) -> str:
        """Return the version in the worker's first line, which must be the installed one."""
        title, distribution = self.backend.title, self.backend.distribution
        try:
            line = self._lines.get(timeout=_START_SECONDS)
            hello = None if line is None else document(line, Hello, "a worker's first line")
            check_version(hello.version if hello and hello.version else "0", "$.version")
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
        if self.backend.graft is None:
            return version
        if self.backend.module not in hello.grafted:
            raise BackendAbsent(f"{title} {version} does not load the files of another release")
        return f"{self.backend.version}{GRAFT}"

    def _end(self, patience: float = 0.0) -> int:
        """End the process after *patience* seconds, if there is one; return its exit code."""
        process, self._process = self._process, None
        if process is None:
            return 0
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
        pipes.kill(process)
        process.wait()
        with contextlib.suppress(OSError):  # what is not written has no reader any more
            if process.stdin:
                process.stdin.close()
        return process.returncode


def _public(version: str) -> str:
    """Return *version* without its build (`+cpu`), which does not affect schedules."""
    return version.partition("+")[0]


def _checked(reply: _Reply, request: int) -> _Reply:
    """Return *reply*; raise `BadInput` if it is not the one to *request*."""
    if reply.id != request:
        raise BadInput("$.id", reply.id, f"{request}, as the request has")
    return reply
