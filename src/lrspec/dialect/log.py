"""A log of the departures that take part in a run, written while the model runs."""

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
    """Return the log of the current run, a new one if there is none."""
    return _LOG.get() or begin()


def departs(departure: str) -> None:
    """Record that *departure* takes part in the current run."""
    log = _LOG.get()
    if log is not None:
        log.first.setdefault(departure, log.row)
