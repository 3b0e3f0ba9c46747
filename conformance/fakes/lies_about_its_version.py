"""It says another version than the one that is installed."""

from toy import MODULE, SLOTS, Session

VERSION = "9.9.9"
