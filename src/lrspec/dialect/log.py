"""Which departures take part in a run: what a model does is noted while it does it."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass
class Log:
    """The departures that were executed, each with the first row that it can change."""

    row: int = 0
    first: dict[str, int] = field(default_factory=dict)


_LOG: ContextVar[Log | None] = ContextVar("log", default=None)


def begin() -> Log:
    """Return a new log, which `departs` writes into from now on."""
    log = Log()
    _LOG.set(log)
    return log


def current() -> Log:
    """Return the log of the run that is under way, a new one if there is none."""
    return _LOG.get() or begin()


def departs(departure: str) -> None:
    """Note that *departure* takes part in the run that is under way."""
    log = _LOG.get()
    if log is not None:
        log.first.setdefault(departure, log.row)
