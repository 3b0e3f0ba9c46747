"""Recorded traces: one file per backend, one JSON line per run with its observation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from lrspec.bindings.document import EXPLICIT
from lrspec.errors import BadInput, located
from lrspec.json_input import document, read_bytes
from lrspec.runtime.observation import Answer, Observation, from_answer
from lrspec.runtime.run_id import RunId
from lrspec.scenario.scenario_id import ScenarioId


class Record(Answer, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line: the identity of a run and its observation."""

    case: str
    backend: str
    argument_form: str = EXPLICIT
    scenario: str

    def __post_init__(self) -> None:
        _ = self.run

    @property
    def run(self) -> RunId:
        """Which run this is."""
        scenario = ScenarioId.parse(self.scenario, "$.scenario")
        return RunId(self.case, self.backend, self.argument_form, scenario)


def lines(observations: Iterable[tuple[RunId, Observation]]) -> str:
    """Return the text of a file with *observations*."""
    encode = msgspec.json.Encoder().encode
    records = (
        encode({**run.to_record(), **msgspec.to_builtins(observation.to_answer())})
        for run, observation in observations
    )
    return b"".join(record + b"\n" for record in records).decode()


def read(path: Path) -> Mapping[RunId, Observation]:
    """Return the observation of each run in the file at *path*.

    Raises `BadInput` with the file, the line and the place of what is missing or invalid.
    """
    expected = "the traces of a run: `lrspec conform` records them"
    with located(path):
        content = read_bytes(path, expected, limit=None)
    observations: dict[RunId, Observation] = {}
    for number, line in enumerate(content.splitlines(), start=1):
        with located(path, f"line {number}: $"):
            record = document(line, Record, "a recorded trace")
            if record.run in observations:
                raise BadInput("$", str(record.run), "each run once")
            observations[record.run] = from_answer(record)
    return observations
