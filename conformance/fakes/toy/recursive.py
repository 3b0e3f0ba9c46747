"""The same framework as a recursion: each rate is made from the one that the optimizer holds.

It is what becomes of `toy` where a change from outside stays, and it is as right: on an undisturbed
run both give one curve, wherever no member of a chain restates its rate.
"""

import bisect

from session import MODULES, SLOTS, VERSION, Session
from toy import Chained, Epochwise, Scheduler, Sequential, Warmup


def following(scheduler, prev, base, t):
    """Return the rate of step t from the one before it: the part above the minimum, scaled."""
    minimum = scheduler.minimum(base)
    if minimum is None:
        return scheduler.at(base, t)
    before, now = scheduler.at(base, t - 1), scheduler.at(base, t)
    if abs(before - minimum) < 1e-12 * base:  # nothing is left to take a part of
        return prev + (now - before)
    return minimum + (prev - minimum) * ((now - minimum) / (before - minimum))


def leaf(scheduler, prev, base, t):
    return following(scheduler, prev, base, t) if t else scheduler.at(prev, 0)


def chained(scheduler, prev, base, t):
    for member in scheduler.schedules:
        prev = member.next_rate(prev, base, t)
    return prev


def sequential(scheduler, prev, base, t):
    index = bisect.bisect_right(scheduler.milestones, t)
    start = scheduler.milestones[index - 1] if index else 0
    return scheduler.schedules[index].next_rate(base if t == start else prev, base, t - start)


def warmup(scheduler, prev, base, t):
    own = t - scheduler.warmup_steps
    if own < 0:
        return leaf(scheduler, prev, base, t) if scheduler.start_lr else scheduler.at(base, t)
    return scheduler.after.next_rate(base if own == 0 else prev, base, own)


def epochwise(scheduler, prev, base, t):
    epoch, update = divmod(t, scheduler.updates_per_epoch)
    return prev if update else scheduler.in_epochs.next_rate(prev, base, epoch)


def rates(scheduler):
    groups = zip(scheduler.optimizer, scheduler.optimizer.bases)
    return [scheduler.next_rate(rate, base, scheduler.t) for rate, base in groups]


def begin(scheduler):
    if scheduler.t == 0:
        scheduler.write()


def step(scheduler, t=None):
    scheduler.t = scheduler.t + 1 if t is None else t
    if scheduler.t == 0:
        scheduler.optimizer[:] = scheduler.optimizer.bases
    scheduler.write()


def load(scheduler, saved):
    scheduler.t = saved


Scheduler.next_rate, Chained.next_rate, Sequential.next_rate, Warmup.next_rate = (
    leaf,
    chained,
    sequential,
    warmup,
)
Epochwise.next_rate = epochwise
Scheduler.rates, Scheduler.begin, Scheduler.step, Scheduler.load = rates, begin, step, load
