"""What a learning rate is at every step of training, in every framework."""

from lrspec.api import Schedule, compare, load, port
from lrspec.errors import BadInput, LrspecError

__all__ = ["BadInput", "LrspecError", "Schedule", "compare", "load", "port"]
__version__ = "0.1.0"
