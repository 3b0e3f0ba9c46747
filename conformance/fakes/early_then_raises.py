"""It is one step early, and raises at the sixth step."""

import early_by_one
from raises import MODULES, SLOTS, VERSION, Session
