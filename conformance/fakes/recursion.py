"""It is the recursion."""

from recursive import MODULES, SLOTS, VERSION, Session
