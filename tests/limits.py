"""The limits of one hostile input: an error in one line, a second, 200 MB, and no code that is run."""

from __future__ import annotations

import gc
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from targets import TARGETS

from lrspec.errors import LrspecError

SECONDS = 1.0  # of processor time
BYTES = 200_000_000


class TooLong(BaseException):
    """A second of processor time is over."""


def _too_long(*_: object) -> None:
    raise TooLong


_forbidden: list[str] = []
_EVENTS = ("os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "socket.connect")


def _hook(event: str, _: tuple[Any, ...]) -> None:
    if _watching and event in _EVENTS:
        _forbidden.append(event)


_watching: list[bool] = []


@cache
def watch() -> None:
    """Note from now on what would run code outside the process."""
    sys.addaudithook(_hook)


@contextmanager
def limits() -> Iterator[None]:
    """Limit the memory, and count what is forbidden, of all attempts inside."""
    watch()
    gc.collect()
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    before = signal.signal(signal.SIGVTALRM, _too_long)
    resource.setrlimit(resource.RLIMIT_AS, (used + BYTES, hard))
    _watching.append(True)
    try:
        yield
    finally:
        _watching.pop()
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def attempt_untimed(name: str, given: Any) -> None:
    """Give the target called *name* an input, without limits: to import and cache what it needs."""
    with suppress(LrspecError):
        TARGETS[name](given)


def attempt(name: str, given: Any) -> bool:
    """Return whether the target called *name* takes *given*, or else refuses it in one line.

    Whatever else it raises is an error of the program, and passed on.
    """
    _forbidden.clear()
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        TARGETS[name](given)
    except LrspecError:
        return False
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        assert not _forbidden, _forbidden
    return True
