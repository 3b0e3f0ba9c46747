"""Its polynomial has other defaults, and starts again at its end."""

import other_default
from repeats_past_the_end import MODULES, SLOTS, VERSION, Session
