"""Time the reference engine: traces, single steps, start, memory; with those of other libraries.

    python benchmarks/engine.py [--rounds N]

Writes `engine.json`, from which docs/speed.md has its numbers, and prints its tables. All times of
a table are measured alternately in one run, in seconds of processor time, and each number is the
ratio of two minima, so that it depends little on the machine and its load. The peers are those of
`peers.py` that are installed.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import peers

import lrspec

DATA = Path(__file__).with_suffix(".json")
SIZES = (10**3, 10**4, 10**5, 10**6, 10**7)
SECONDS = 0.1  # that all rounds of one call take, if it is short
Calls = Mapping[str, Callable[[], Any]]

#: A recipe over n steps, and the one-line expression of its rates.
EXPRESSIONS: dict[str, tuple[Callable[[int], dict[str, Any]], Callable[[int, Any], Any]]] = {
    "multistep": (
        lambda n: {"schedule": "multistep", "base_lr": 0.1, "milestones": [n // 3, n // 2]},
        lambda n, t: 0.1 * 0.1 ** np.searchsorted([n // 3, n // 2], t, side="right"),
    ),
    "step": (
        lambda n: {"schedule": "step", "base_lr": 0.1, "step_size": n // 10, "gamma": 0.5},
        lambda n, t: 0.1 * 0.5 ** (t // (n // 10)),
    ),
    "cosine_warm_restarts": (
        lambda n: {"schedule": "cosine_warm_restarts", "base_lr": 0.1, "T_0": n // 5},
        lambda n, t: 0.1 * (1 + np.cos(np.pi * (t % (n // 5)) / (n // 5))) / 2,
    ),
    "one_cycle": (
        lambda n: {"schedule": "one_cycle", "max_lr": 0.1, "total_steps": n},
        lambda n, t: np.where(
            t < 0.3 * n - 1,
            0.004 + 0.096 * (1 - np.cos(np.pi * t / (0.3 * n - 1))) / 2,
            4e-7 + (0.1 - 4e-7) * (1 + np.cos(np.pi * (t - 0.3 * n + 1) / (0.7 * n))) / 2,
        ),
    ),
    "polynomial": (
        lambda n: {"schedule": "polynomial", "base_lr": 0.1, "total_iters": n, "power": 0.9},
        lambda n, t: 0.1 * (1 - t / n) ** 0.9,
    ),
    "exponential": (
        lambda n: {"schedule": "exponential", "base_lr": 0.1, "gamma": 1 - 5 / n},
        lambda n, t: 0.1 * (1 - 5 / n) ** t,
    ),
}


def minima(calls: Calls, rounds: int) -> dict[str, float]:
    """Return the shortest time of each call in seconds, measured alternately."""
    counts = {}
    for name, call in calls.items():
        call()
        start = time.process_time()
        call()
        once = max(time.process_time() - start, 1e-7)
        counts[name] = max(1, int(SECONDS / rounds / once))
    shortest = dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        for name, call in calls.items():
            for _ in range(counts[name]):
                start = time.process_time()
                call()
                shortest[name] = min(shortest[name], time.process_time() - start)
    return shortest


def relative(calls: Calls, to: Callable[[], Any], rounds: int) -> dict[str, float]:
    """Return the time of each call relative to that of *to*."""
    times = minima({"expression": to, **calls}, rounds)
    return {name: rounded(times[name] / times["expression"]) for name in calls}


def rounded(number: float) -> float:
    """Return *number* with two significant digits."""
    return float(f"{number:.2g}")


def traces(rounds: int) -> dict[str, dict[str, float]]:
    """Return the times of warmup and cosine, relative to the NumPy expression."""
    table: dict[str, dict[str, float]] = {name: {} for name in peers.PEERS}
    for size in SIZES:
        calls = {}
        for name, (peer, most) in peers.PEERS.items():
            if size <= most:
                with suppress(ModuleNotFoundError):
                    calls[name] = peer(size, size // 20)
        expression = peers.numpy_expression(size, size // 20)
        for name, ratio in relative(calls, expression, rounds).items():
            table[name][str(size)] = ratio
    return {name: row for name, row in table.items() if row}


def schedules(rounds: int) -> dict[str, dict[str, float]]:
    """Return the times of other schedules, each relative to its own NumPy expression."""
    table: dict[str, dict[str, float]] = {}
    for name, (recipe, expression) in EXPRESSIONS.items():
        table[name] = {}
        for size in SIZES[:-1]:
            schedule = lrspec.load(recipe(size))
            worst = np.abs(schedule.trace(size)[:, 0] - expression(size, np.arange(size))).max()
            if worst > 1e-14:
                raise AssertionError(f"{name}: the expression differs by {worst}")
            calls = {"trace": lambda s=schedule, n=size: s.trace(n)}
            plain = lambda e=expression, n=size: e(n, np.arange(n))  # noqa: E731
            table[name][str(size)] = relative(calls, plain, rounds)["trace"]
    return table


def one_step(rounds: int) -> dict[str, dict[str, float]]:
    """Return the microseconds of single steps, which depend on the machine."""
    table = {}
    warmup = {"schedule": "linear_warmup", "base_lr": 0.5, "warmup_steps": 100}
    warm_cosine = {**warmup, "after": {"schedule": "cosine_annealing", "T_max": 10**6}}
    recipes = {
        "warmup and cosine": warm_cosine,
        **{n: r(10**6) for n, (r, _) in EXPRESSIONS.items()},
    }
    for name, recipe in recipes.items():
        schedule = lrspec.load(recipe)
        calls = {str(t): lambda s=schedule, t=t: s(t) for t in (10, 12_345, 10**15)}
        table[name] = {t: rounded(1e6 * s) for t, s in minima(calls, rounds).items()}
    return table


def start() -> dict[str, float]:
    """Return the processor time of starts in milliseconds, in addition to that of NumPy's."""
    commands = {
        "numpy": ("-c", "import numpy"),
        "import lrspec": ("-c", "import lrspec"),
        "lrspec trace": ("-m", "lrspec", "trace", "one-sentence", "--steps", "10"),
    }
    shortest = dict.fromkeys(commands, float("inf"))
    for _ in range(7):
        for name, arguments in commands.items():
            before = _processor_seconds()
            command = [sys.executable, *arguments]
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)  # noqa: S603
            shortest[name] = min(shortest[name], _processor_seconds() - before)
    numpy = shortest.pop("numpy")
    return {
        "numpy_ms": rounded(1000 * numpy),
        **{name: rounded((seconds - numpy) / numpy) for name, seconds in shortest.items()},
    }


def _processor_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def memory() -> dict[str, float]:
    """Return the MiB that a trace and its blocks take at most, in addition to the result."""
    schedule = lrspec.load("one-sentence")
    schedule.trace(10**5)
    found = {}
    for name, count, run in (
        ("trace", 8 * SIZES[-1], lambda: schedule.trace(SIZES[-1])),
        ("blocks", 0, lambda: sum(len(block) for block in schedule.blocks(SIZES[-1]))),
    ):
        tracemalloc.start()
        run()
        found[name] = rounded((tracemalloc.get_traced_memory()[1] - count) / 2**20)
        tracemalloc.stop()
    return found


def tables(document: Mapping[str, Any]) -> list[str]:
    """Return the tables of a stored run in Markdown, as docs/speed.md has them."""
    sizes = [f"10^{len(str(size)) - 1}" for size in SIZES]
    return [
        _table(["", *sizes], document["traces"], SIZES),
        _table(["", *sizes[:-1]], document["schedules"], SIZES[:-1]),
        _table(
            ["µs", "t = 10", "t = 12,345", "t = 10^15"], document["one_step"], (10, 12_345, 10**15)
        ),
    ]


def _table(head: list[str], rows: Mapping[str, Mapping[str, float]], columns: Any) -> str:
    lines = [f"| {' | '.join(head)} |", f"| --- |{' ---: |' * (len(head) - 1)}"]
    for name, row in rows.items():
        cells = [f"{row[str(c)]:g}" if str(c) in row else "" for c in columns]
        lines.append(f"| {' | '.join([name, *cells])} |")
    return "\n".join(lines)


def versions() -> dict[str, str]:
    """Return the version of Python and of each library that is measured."""
    names = ("numpy", "jax", "optax", "fvcore", "timm", "transformers", "torch")
    installed = {found.name.lower(): found.version for found in metadata.distributions()}
    own = {name: installed[name] for name in names if name in installed}
    return {"python": platform.python_version(), **own}


def main() -> None:
    """Measure everything, write the file and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    document = {
        "versions": versions(),
        "traces": traces(rounds),
        "schedules": schedules(rounds),
        "one_step": one_step(rounds),
        "start": start(),
        "memory_mib": memory(),
    }
    DATA.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(*tables(document), document["start"], document["memory_mib"], sep="\n\n")


if __name__ == "__main__":
    main()
