"""It does not schedule late groups, and the rate of the others is zero from its end on."""

import zero_past_the_end
from leaves_a_late_group import MODULES, SLOTS, VERSION, Session
