"""No flaw at all."""

from toy import MODULES, SLOTS, VERSION, Session
