"""No flaw at all."""

from session import MODULES, SLOTS, VERSION, Session
