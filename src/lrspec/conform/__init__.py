"""The flow over many cases: plan the runs, ask the workers, judge what they saw."""
