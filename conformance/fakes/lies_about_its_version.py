"""It says another version than the one that is installed."""

VERSION = "9.9.9"
