"""It has the recursive form."""

from recursive import MODULES, SLOTS, VERSION, Session
