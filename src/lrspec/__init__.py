"""Learning-rate schedules: specification, conformance suite and port."""

# `lrspec.port` is the function, although there is a package of that name: `lrspec.api` imports the
# package first, so that no later import replaces the function.
from lrspec.api import Schedule, build, compare, load, port, read
from lrspec.errors import BadInput, LrspecError
from lrspec.following import assert_follows
from lrspec.port.result import Certificate, Port
from lrspec.port.scheduler import Scheduler
from lrspec.verdict.compare import Difference
from lrspec.version import VERSION

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
