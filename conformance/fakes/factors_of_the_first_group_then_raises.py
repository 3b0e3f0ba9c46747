"""It multiplies a late group by the factors of the first group, and raises at step 12."""

from factors_of_the_first_group import MODULES, SLOTS, VERSION, Session
from toy import Scheduler


scaled = Scheduler.write


def write(self):
    if self.t == 12:
        raise IndexError("there is no such group")
    scaled(self)


Scheduler.write = write
