"""It says another version than the one that is installed."""

from session import MODULES, SLOTS, Session

VERSION = "9.9.9"
