"""It reports another version than the installed one."""

from session import MODULES, SLOTS, Session

VERSION = "9.9.9"
