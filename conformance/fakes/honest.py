"""It has no flaw."""

from session import MODULES, SLOTS, VERSION, Session
