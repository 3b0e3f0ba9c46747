"""Paddle schedulers as a training script builds them and as it has left them in mid-run."""

from paddle.optimizer import lr


def stepped(steps, scheduler):
    """Return the scheduler after so many updates."""
    for _ in range(steps):
        scheduler.step()
    return scheduler


class Inverse(lr.LRScheduler):
    def __init__(self, learning_rate, gamma):
        self.gamma = gamma
        super().__init__(learning_rate)

    def get_lr(self):
        return self.base_lr / (1 + self.gamma * self.last_epoch)
