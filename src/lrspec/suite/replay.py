"""Replaying: recorded traces judged in the frameworks' place, as if they had just been seen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrspec.bindings.backend import Backend
from lrspec.errors import BadInput
from lrspec.runtime.observation import STATUSES, Observation, from_answer
from lrspec.scenario.scenario import selects
from lrspec.spec.recipe import from_dict
from lrspec.suite.cases import Case, case_of, cases
from lrspec.suite.findings import finding
from lrspec.suite.plan import Run, plan
from lrspec.verdict.results import Finding, Results

_TEXTS = ("reason", "error")


@dataclass(frozen=True)
class Recorded:
    """What a run left in *folder*: the backends' versions, what was seen of each run, by its id.

    `sources` are the source texts that were run, as far as the results tell them, and `own` are the
    cases of a user's own recipes, with the scenarios that were asked of them.
    """

    folder: Path
    versions: Mapping[str, str | None]
    by_backend: Mapping[str, Mapping[str, Observation]]
    sources: Mapping[str, str]
    own: Sequence[Case] = ()


@dataclass(frozen=True)
class Replay:
    """The verdicts on recorded runs.

    `complaints` name, in a line each, what was not judged: runs that are recorded and not planned,
    planned and not recorded, or recorded with another source. `whole` tells whether the results say
    all that the recorded ones do, so that they may take their place.
    """

    results: Results
    complaints: Sequence[str]
    whole: bool


def observations(path: Path) -> dict[str, Observation]:
    """Return what was seen of each run in a file of traces; raises `BadInput` for a broken one."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        expected = "the traces of a run: `lrspec conform` records them"
        raise BadInput("$", "no such file", expected, str(path)) from error
    except UnicodeDecodeError as error:
        raise BadInput("$", "no UTF-8 text", "a recorded trace a line", str(path)) from error
    found: dict[str, Observation] = {}
    for number, line in enumerate(lines, start=1):
        try:
            run, seen = _observation(line)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise BadInput(f"line {number}", line, "a recorded trace", str(path)) from error
        if run in found:
            raise BadInput(f"line {number}", run, "each run once, not again", str(path))
        found[run] = seen
    return found


def _observation(line: str) -> tuple[str, Observation]:
    record = json.loads(line)
    run = record.pop("run")
    texts = [run, record["status"], *(record[name] for name in _TEXTS if name in record)]
    if not all(isinstance(text, str) for text in texts) or record["status"] not in STATUSES:
        raise ValueError(line)
    return run, from_answer(record)


def read(folder: Path, names: Sequence[str] = ()) -> Recorded:
    """Return what the run in *folder* left of the backends called *names*, of all if none is named.

    Raises `BadInput` where a file is missing or broken.
    """
    path = folder / "results.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        every = {name: _version(entry["version"]) for name, entry in document["backends"].items()}
        sources = {entry["run"]: entry["source"] for entry in document["findings"]}
        own = _own_cases(document["findings"])
    except (FileNotFoundError, NotADirectoryError) as error:
        expected = "the results of a run: `lrspec conform` writes them"
        raise BadInput("$", "no such file", expected, str(path)) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        expected = "the results of a run, as `lrspec conform` writes them"
        raise BadInput("$", "something else", expected, str(path)) from error
    kept = [name for name in every if name in names or not names]
    seen = {name: observations(folder / "traces" / f"{name}.jsonl") for name in kept}
    return Recorded(folder, every, seen, sources, own)


def _own_cases(findings: Sequence[Mapping[str, Any]]) -> list[Case]:
    """Return the recipes of a user that *findings* tell of, as they were asked for."""
    suite = {case.id for case in cases()}
    mine = [entry for entry in findings if entry["case"] not in suite]
    scenarios: dict[str, dict[str, None]] = {}
    for entry in mine:
        scenarios.setdefault(entry["case"], {})[entry["scenario"]] = None
    groups_first = sorted(mine, key=lambda entry: not entry["scenario"].startswith("groups"))
    recipes = {entry["case"]: from_dict(entry["recipe"]) for entry in groups_first}
    return [
        Case(
            id=name,
            description="",
            recipe=recipes[name],
            steps=_horizons(names) or None,
            scenarios=tuple(names),
            representative=True,
        )
        for name, names in scenarios.items()
    ]


def _horizons(names: Iterable[str]) -> tuple[int, ...]:
    """Return how many steps the plain runs among the scenarios called *names* take."""
    plain = [name.partition("@") for name in names]
    return tuple(int(n) for kind, _, n in plain if kind in ("stepwise", "metrics") and n.isdigit())


def _version(found: Any) -> str | None:
    if found is not None and not isinstance(found, str):
        raise TypeError(found)
    return found


def replay(
    recorded: Recorded,
    backends: Sequence[Backend],
    sources: Sequence[str] = (),
    scenarios: Sequence[str] = (),
    steps: int | None = None,
) -> Replay:
    """Return the verdict on each recorded run of *backends*, narrowed as `plan` narrows it.

    *sources* are recipes, or ids of the suite's cases; without any it is the whole suite.
    """
    seen = recorded.by_backend
    planned = _planned(recorded, backends, sources, scenarios, steps)
    runs = [run for run in planned if run.backend.name in seen]
    asked = {run.id for run in runs if run.emitted is not None}
    chosen = {run.case.id for run in planned} if sources else set()
    left_out, unplanned = _not_planned(recorded, asked, chosen, scenarios)
    unrecorded = [r.id for r in runs if r.id in asked and r.id not in seen[r.backend.name]]
    stale = [run.id for run in runs if _stale(run, recorded)]
    lost = {*unrecorded, *stale}
    versions = {run.backend.name: recorded.versions[run.backend.name] for run in runs}
    complaints = [
        *(
            f"{b.name}: planned, and no run of it is recorded"
            for b in backends
            if b.name not in seen
        ),
        *(f"{run}: planned, and not recorded" for run in unrecorded),
        *(f"{run}: recorded with another source" for run in stale),
        *(f"{run}: recorded, and not planned any more" for run in unplanned),
    ]
    results = Results(versions, [_judged(run, recorded) for run in runs if run.id not in lost])
    whole = not (left_out or stale or set(recorded.versions) - set(versions))
    return Replay(results, complaints, whole)


def _planned(
    recorded: Recorded,
    backends: Sequence[Backend],
    sources: Sequence[str],
    scenarios: Sequence[str],
    steps: int | None,
) -> list[Run]:
    if not sources and recorded.own:
        return [
            run
            for case in recorded.own
            for run in plan([case], backends, scenarios, steps or _only(case.steps))
        ]
    if not sources:
        return plan(cases(), backends, scenarios, steps)
    suite = {case.id: case for case in cases()}
    runs: list[Run] = []
    for source in sources:
        names = [name for name in (source, f"recipes/{source}") if name in suite]
        if names and not any(run.startswith(f"{source}-") for run in _own(recorded, suite)):
            runs += plan([suite[names[0]]], backends, scenarios, steps)
        else:
            runs += plan([case_of(source)], backends, scenarios, steps, misuse=bool(scenarios))
    return runs


def _only(steps: Sequence[int] | None) -> int | None:
    """Return the one number of steps that was asked for, None where there were several."""
    return steps[0] if steps and len(steps) == 1 else None


def _own(recorded: Recorded, suite: Mapping[str, Any]) -> Iterator[str]:
    """Return the recorded runs of a user's own recipes."""
    for backend, found in recorded.by_backend.items():
        for run in found:
            if _case_and_scenario(run, backend)[0] not in suite:
                yield run


def _case_and_scenario(run: str, backend: str) -> tuple[str, str]:
    """Return the case and the scenario that a run's id names, the whole id if it names none."""
    parts = re.fullmatch(rf"(.+)-{re.escape(backend)}(?::\w+)?-([a-z_]+(?:@[^@]*)?)", run)
    return (parts[1], parts[2]) if parts else (run, "")


def _not_planned(
    recorded: Recorded, asked: set[str], chosen: set[str], scenarios: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Return the recorded runs that were not asked for now, and those that cannot be any more.

    *chosen* are the cases and *scenarios* the scenarios that were asked for; all, if none is named.
    """
    left_out: list[str] = []
    unplanned: list[str] = []
    for backend, found in recorded.by_backend.items():
        for run in found:
            if run in asked:
                continue
            case, scenario = _case_and_scenario(run, backend)
            unasked = scenarios and not any(selects(wanted, scenario) for wanted in scenarios)
            narrowed = (chosen and case not in chosen) or unasked
            (left_out if narrowed else unplanned).append(run)
    return left_out, unplanned


def _stale(run: Run, recorded: Recorded) -> bool:
    """Tell whether what is recorded of *run* was seen of another source text."""
    if run.emitted is None or run.id not in recorded.by_backend[run.backend.name]:
        return False
    return recorded.sources.get(run.id, run.emitted.text) != run.emitted.text


def _judged(run: Run, recorded: Recorded) -> Finding:
    if run.emitted is None:
        return finding(run, Observation("unsupported", run.reason))
    name = run.backend.name
    seen = recorded.by_backend[name][run.id]
    try:
        if len(seen.rates) > len(run.scenario.t):
            raise ValueError(f"{len(seen.rates)} rates")  # noqa: TRY301 - as for any other misfit
        return finding(run, seen)
    except (ValueError, IndexError) as error:
        path = recorded.folder / "traces" / f"{name}.jsonl"
        expected = f"a trace of this run, of {len(run.scenario.t)} updates"
        raise BadInput(run.id, str(error), expected, str(path)) from error
