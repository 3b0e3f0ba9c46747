"""Time the suite with all backends in parallel, and with one backend after another.

    python benchmarks/conformance.py

Prints the ratio of the two times, and the fraction of the parallel run that is spent on verdicts.
"""

from __future__ import annotations

import time

from lrspec.bindings.backend import backends
from lrspec.suite.cases import cases
from lrspec.suite.findings import results_of
from lrspec.suite.plan import plan
from lrspec.suite.run import observe

BUDGET = 90


def main() -> None:
    """Time the suite both ways and print the results."""
    start = time.perf_counter()
    runs = plan(cases(), list(backends().values()))
    observations = observe(runs)
    observed = time.perf_counter()
    results_of(runs, observations)
    parallel = time.perf_counter() - start
    judging = time.perf_counter() - observed
    sequential = 0.0
    for name in backends():
        begin = time.perf_counter()
        observe([run for run in runs if run.backend.name == name])
        alone = time.perf_counter() - begin
        sequential += alone
        print(f"{name} alone / all in parallel: {alone / parallel:.2f}")
    count = sum(run.emitted is not None for run in runs)
    updates = sum(len(run.scenario.t) for run in runs if run.emitted is not None)
    print(f"{count} runs, {updates:,} updates in parallel: {parallel:.1f} s (budget {BUDGET} s)")
    print(f"parallel / sequential: {parallel / sequential:.2f}")
    print(f"verdicts / total: {judging / parallel:.2f}")


if __name__ == "__main__":
    main()
