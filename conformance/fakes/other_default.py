"""Its polynomial has other defaults."""

from toy import MODULES, SLOTS, VERSION, Polynomial, Session


Polynomial.power, Polynomial.end_lr = 2.0, 0.001
