"""No flaw at all."""

from toy import MODULE, SLOTS, VERSION, Session
