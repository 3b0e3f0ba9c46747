"""Run the suite in every release of the frameworks, as grafts: nox -s versions.

A graft sees only the release's scheduler modules, which are loaded over the installed framework.
Each run must be as predicted by the dialect of its release.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lrspec.bindings.backend import Backend, backends, frameworks
from lrspec.runtime import records
from lrspec.runtime.grafts import grafted, releases
from lrspec.suite.cases import cases
from lrspec.suite.findings import finding
from lrspec.suite.plan import plan
from lrspec.suite.run import observe
from lrspec.verdict.files import write

TRACES = Path("reports/releases")


@dataclass(frozen=True)
class Outcome:
    """The verdicts in one release, and what is unpredicted, a line a run."""

    framework: str
    version: str
    verdicts: Counter[str]
    unpredicted: Sequence[str]


def run_release(release: tuple[str, str], part: str, quick: bool) -> Outcome:  # noqa: FBT001
    """Run the suite in one release of a framework, and write its traces."""
    framework, version = release
    modes: list[Backend] = [b for b in backends().values() if b.framework == framework]
    planned = plan(cases(), [grafted(mode, version) for mode in modes], quick=quick)
    runs = [run for run in planned if run.emitted is not None and part in str(run.id)]
    observed = observe(runs)
    if not part:
        kept = [(run.id, observed.by_run[run.id]) for run in runs]
        write(TRACES / framework / f"{version}.jsonl", records.lines(kept))
    found = [finding(run, observed.by_run[run.id]) for run in runs]
    lines = [f"{f.run}: {f.explanation}" for f in found if f.verdict in (None, "unpredicted")]
    verdicts = Counter(f.verdict or f.status for f in found)
    return Outcome(framework, version, verdicts, lines)


def main() -> None:
    """Print the verdicts in each release; exit 1 if a run is unpredicted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("releases", nargs="*", help="torch==2.3.1; by default all, newest first")
    parser.add_argument("-k", default="", help="only the runs whose id contains this")
    parser.add_argument("--quick", action="store_true", help="one case per schedule and scenario")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--show", type=int, default=3, help="how many unpredicted runs are shown")
    arguments = parser.parse_args()
    every = [(b.name, v) for b in frameworks().values() for v in reversed(releases(b))]
    named = [tuple(name.split("==")) for name in arguments.releases] or every
    run = partial(run_release, part=arguments.k, quick=arguments.quick)
    failed = False
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for outcome in pool.map(run, named):
            counts = ", ".join(f"{n} {name}" for name, n in sorted(outcome.verdicts.items()))
            sys.stdout.write(f"{outcome.framework} {outcome.version} (graft): {counts}\n")
            for line in outcome.unpredicted[: arguments.show]:
                sys.stdout.write(f"    {line}\n")
            sys.stdout.flush()
            failed |= bool(outcome.unpredicted) or not outcome.verdicts
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
