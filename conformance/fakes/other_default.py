"""Its polynomial has other defaults."""

from session import MODULES, SLOTS, VERSION, Session
from toy import Polynomial


Polynomial.power, Polynomial.end_lr = 2.0, 0.001
