"""No flaw at all."""

from toy import SLOTS, VERSION, Session
