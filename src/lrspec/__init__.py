"""What a learning rate is at every step of training, in every framework."""

import lrspec.port  # noqa: F401 - loading this package later would hide the function `port`
from lrspec.api import Schedule, build, compare, load, port, read
from lrspec.errors import BadInput, LrspecError

__all__ = ["BadInput", "LrspecError", "Schedule", "build", "compare", "load", "port", "read"]
__version__ = "0.1.0"
