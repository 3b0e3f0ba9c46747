"""Its scheduler has made a step before the first update."""

from toy import MODULES, SLOTS, VERSION
from toy import Session as Right


class Session(Right):
    def __init__(self, *given):
        super().__init__(*given)
        super().step()
