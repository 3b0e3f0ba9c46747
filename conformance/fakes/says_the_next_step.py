"""Its `get_lr()` takes the step that was taken already."""

from toy import MODULES, SLOTS, VERSION, Session

Session.get_lr = lambda self: [rate * self.scheduler.gamma for rate in self.rates()]
