"""Learning-rate schedules: specification, conformance suite and port."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

# `lrspec.port` is the function, although there is a package of that name: `lrspec.api` imports the
# package first, so that no later import replaces the function.
from lrspec.api import build, compare, port, read
from lrspec.errors import BadInput, LrspecError
from lrspec.loaded import Schedule, load
from lrspec.port.result import Certificate, Port
from lrspec.port.scheduler import Scheduler
from lrspec.verdict.compare import Difference
from lrspec.version import VERSION

if TYPE_CHECKING:
    from lrspec.following import assert_follows

__all__ = [
    "BadInput",
    "Certificate",
    "Difference",
    "LrspecError",
    "Port",
    "Schedule",
    "Scheduler",
    "assert_follows",
    "build",
    "compare",
    "load",
    "port",
    "read",
]
__version__ = VERSION


def __getattr__(name: str) -> Any:
    """Return `assert_follows`, which needs more than the core, when it is first asked for."""
    if name != "assert_follows":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from lrspec.following import assert_follows  # noqa: PLC0415

    globals()[name] = assert_follows
    return assert_follows
