"""Give every target of `tests/targets.py` many hostile inputs, and print how many it took.

    python conformance/robustness.py --inputs 1000000 --seed 1 --share 0.1

The inputs are shared among the targets by their speed. An input that breaks something is printed
with its seed, `fuzzing.of_seed(NAME, SEED)`. With atheris, `--atheris NAME SECONDS` searches for
formulas or recipes by the branches that they reach.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = map(str, (TESTS, TESTS.parent / "conformance", TESTS.parent / "spec" / "checks"))

if "--atheris" in sys.argv:  # what it follows is changed while it is imported
    import atheris

    with atheris.instrument_imports(include=["lrspec.spec", "lrspec.json_input"]):
        import lrspec.spec.recipe  # noqa: F401

from fuzzing import of_seed  # noqa: E402 - tests/ is no package
from limits import attempt, attempt_untimed, limits  # noqa: E402
from targets import TARGETS  # noqa: E402

#: The part of the inputs that each target gets: those that take long get few.
SHARES = {"formula": 0.35, "record": 0.15, "answer": 0.12, "result": 0.12, "schedule": 0.12}
SHARES |= {"recipe": 0.09, "bindings": 0.02, "bytes": 0.02, "dialect": 0.01}


def fuzz(name: str, inputs: int, seed: int) -> int:
    """Give the target called *name* so many *inputs*; print and return the number of failures."""
    started, taken = time.monotonic(), 0
    failures: Counter[str] = Counter()
    for warm in range(30):  # what is imported and cached is not of one input
        attempt_untimed(name, of_seed(name, warm))
    with limits():
        for number in range(seed, seed + inputs):
            given = of_seed(name, number)
            try:
                taken += attempt(name, given)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                *_, frame = traceback.extract_tb(error.__traceback__)
                place = f"{Path(frame.filename).name}:{frame.lineno}"
                failures[f"{type(error).__name__} at {place}, first with the seed {number}"] += 1
    rate = inputs / (time.monotonic() - started)
    print(f"{name}: {inputs:,} inputs, {taken:,} taken, {failures.total()} failed; {rate:.0f}/s")  # noqa: T201
    for failure, count in failures.most_common(20):
        print(f"  {count} × {failure}")  # noqa: T201
    sys.stdout.flush()
    return failures.total()


def search(name: str, seconds: int) -> None:
    """Search for inputs of the target called *name* with atheris, for so many *seconds*."""

    def one(data: bytes) -> None:
        provider = atheris.FuzzedDataProvider(data)
        if name == "formula":
            given = provider.ConsumeUnicodeNoSurrogates(200)
        else:
            given = of_seed(name, provider.ConsumeUInt(8))
        attempt(name, given)

    for warm in range(30):
        attempt_untimed(name, of_seed(name, warm))
    with limits():
        atheris.Setup([sys.argv[0], f"-max_total_time={seconds}"], one)
        atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", choices=TARGETS)
    parser.add_argument("--atheris", nargs=2, metavar=("NAME", "SECONDS"))
    given = parser.parse_args()
    if given.atheris:
        search(given.atheris[0], int(given.atheris[1]))
        return 0
    shares = {given.target: 1.0} if given.target else SHARES
    failed = [fuzz(n, max(int(given.inputs * s), 1), given.seed) for n, s in shares.items()]
    return 1 if any(failed) else 0


if __name__ == "__main__":
    sys.exit(main())
