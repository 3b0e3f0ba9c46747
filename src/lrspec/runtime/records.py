"""Recorded traces: one file per backend, one JSON line per run with its observation."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from lrspec.bindings.document import EXPLICIT
from lrspec.errors import BadInput, located
from lrspec.json_input import MAX_RECORD_BYTES, document, open_file, read_bytes
from lrspec.runtime.observation import Answer, Observation, from_answer
from lrspec.runtime.run_id import RunId
from lrspec.scenario.scenario_id import ScenarioId
from lrspec.text_input import Line

_LONGEST_HEAD = 1000  # bytes of the first line


class Record(Answer, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line: the identity of a run and its observation."""

    case: Line
    backend: Line
    argument_form: Line = EXPLICIT
    scenario: Line

    def __post_init__(self) -> None:
        _ = self.run

    @property
    def run(self) -> RunId:
        """Which run this is."""
        scenario = ScenarioId.parse(self.scenario, "$.scenario")
        return RunId(self.case, self.backend, self.argument_form, scenario)


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line of a file: the id that the files of one run have in common."""

    run: Line


def lines(observations: Iterable[tuple[RunId, Observation]], run: str = "") -> str:
    """Return the text of a file with *observations*, headed by the id of their *run* if any."""
    head = [msgspec.json.encode(Head(run))] if run else []
    return b"".join(line + b"\n" for line in (*head, *_encoded(observations))).decode()


def digest(
    versions: Mapping[str, str | None], observations: Iterable[tuple[RunId, Observation]]
) -> str:
    """Return the id of a run: twelve hexadecimal digits that depend on all that was observed."""
    state = hashlib.sha256(msgspec.json.encode(versions))
    for line in _encoded(observations):
        state.update(line)
    return state.hexdigest()[:12]


def _encoded(observations: Iterable[tuple[RunId, Observation]]) -> Iterator[bytes]:
    encode = msgspec.json.Encoder().encode
    for run, observation in observations:
        yield encode({**run.to_record(), **msgspec.to_builtins(observation.to_answer())})


def check_run(folder: Path, run: str) -> None:
    """Raise `BadInput` if a file of traces in *folder* is of another run than its results."""
    for path in sorted((folder / "traces").glob("*.jsonl")):
        with located(path), open_file(path) as file:
            other = _head(file.readline(_LONGEST_HEAD))
        if other and other != run:
            expected = f"those of the run {run}, as results.json has" if run else "none"
            raise BadInput("line 1", f"traces of the run {other}", expected, str(path))


def _head(line: bytes) -> str:
    """Return the id in the first line of a file, an empty string if it has none."""
    with contextlib.suppress(msgspec.DecodeError):
        return msgspec.json.decode(line, type=Head).run
    return ""


def read(path: Path) -> Mapping[RunId, Observation]:
    """Return the observation of each run in the file at *path*.

    Raises `BadInput` with the file, the line and the place of what is missing or invalid.
    """
    expected = "the traces of a run: `lrspec conform` records them"
    with located(path):
        content = read_bytes(path, expected, MAX_RECORD_BYTES)
    observations: dict[RunId, Observation] = {}
    for number, line in enumerate(content.splitlines(), start=1):
        if number == 1 and _head(line):
            continue
        with located(path, f"line {number}: $"):
            record = document(line, Record, "a recorded trace")
            if record.run in observations:
                raise BadInput("$", str(record.run), "each run once")
            observations[record.run] = from_answer(record)
    return observations
