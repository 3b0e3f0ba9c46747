"""The report's reproducer scripts run on their own and print the rates in the report.

Run by `nox -s reproducers` after a conformance run; each script runs in its own process.
"""

from __future__ import annotations

import ast
import math
import re
import subprocess
from pathlib import Path

import pytest

from lrspec.bindings.backend import backend_of
from lrspec.report.groups import Group, groups
from lrspec.runtime.interpreter import interpreter
from lrspec.verdict.results import read

SHOWN = groups(read(Path("reports/results.json")), "departs")
GROUPS = [group for group in SHOWN if group.example.reproducer]
TRIES = 3  # about one process in a hundred crashes in OneFlow's graph


def printed(group: Group) -> tuple[list[list[float]], str]:
    """Return the rates that the script prints, and its standard error."""
    path, _ = interpreter(backend_of(group.example.backend))
    command = [path, "-c", group.example.reproducer]
    for _ in range(TRIES):
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        if done.returncode >= 0:
            break
    lines = [line for line in done.stdout.splitlines() if line.startswith("step ")]
    rates = [line.partition(": ")[2].partition(", expected ")[0] for line in lines]
    return [ast.literal_eval(row) for row in rates], done.stderr


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_a_reproducer_prints_the_observed_rates(group: Group):
    example = group.example
    rates, complaint = printed(group)
    observed = [row for _, _, row in example.steps if row]
    for row, printed_rates in zip(rates, observed, strict=True):
        # a late group has no rate before it is added
        there = [rate for rate in map(float, printed_rates) if not math.isnan(rate)]
        assert row == pytest.approx(there, rel=1e-7, abs=1e-12)
    error = re.search(
        r"raises (?:before|after) step \d+[^:]*: (\w+)", example.explanation, re.IGNORECASE
    )
    if error and example.extent == 0:
        assert error[1] in complaint
