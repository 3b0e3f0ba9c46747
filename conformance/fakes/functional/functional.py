"""A framework whose schedules are plain functions from the step to the rate, as optax has them.

There is no scheduler object, no step() and nothing to save but the count of the updates.
"""

import bisect
import math


def constant_schedule(value):
    return lambda count: value


def exponential_decay(init_value, decay_rate):
    return lambda count: init_value * decay_rate**count


def cosine_schedule(init_value, half_period, end_value=0.0):
    def schedule(count):
        return (
            end_value + (init_value - end_value) * (1 + math.cos(math.pi * count / half_period)) / 2
        )

    return schedule


def polynomial_schedule(init_value, end_value, power, transition_steps):
    def schedule(count):
        left = 1 - min(count, transition_steps) / transition_steps
        return (init_value - end_value) * left**power + end_value

    return schedule


def join_schedules(schedules, boundaries):
    def schedule(count):
        index = bisect.bisect_right(boundaries, count)
        return schedules[index](count - (boundaries[index - 1] if index else 0))

    return schedule


def scale_by(init_value, factor):
    return lambda count: init_value * factor(count)
