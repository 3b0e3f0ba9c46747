"""It does not schedule late groups, and uses three quarters of the rate at its landmarks."""

import wrong_at_landmarks
from leaves_a_late_group import MODULES, SLOTS, VERSION, Session
