"""It keeps its rates in float32."""

import struct

from session import MODULES, SLOTS, VERSION
from session import Session as Right


class Session(Right):
    def rates(self):
        rounded = [struct.unpack("f", struct.pack("f", rate))[0] for rate in self.optimizer]
        self.optimizer[:] = rounded
        return rounded
