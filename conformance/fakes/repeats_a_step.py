"""With an index, the constructor does a step from a rate that already includes it."""

from recursive import MODULES, SLOTS, VERSION, Scheduler, Session


Scheduler.begin = Scheduler.write
