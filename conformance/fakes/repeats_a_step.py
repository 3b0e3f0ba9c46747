"""The constructor takes the step to its index, from the rate that has taken it already."""

from recursive import MODULES, SLOTS, VERSION, Scheduler, Session


Scheduler.begin = Scheduler.write
