"""Recorded traces: one file a backend, one JSON line a run with what was observed of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from lrspec.bindings.document import EXPLICIT
from lrspec.errors import BadInput
from lrspec.json_input import document, file_bytes
from lrspec.runtime.observation import Answer, Observation, from_answer
from lrspec.runtime.run_id import RunId
from lrspec.scenario.scenario_id import ScenarioId

_EXPECTED = "a recorded trace"


class Record(Answer, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line: the fields of the run's identity, and the observation."""

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
    """Return the text of a file that records *observations*."""
    encode = msgspec.json.Encoder().encode
    records = (
        encode({**run.to_record(), **msgspec.to_builtins(observation.to_answer())})
        for run, observation in observations
    )
    return b"".join(record + b"\n" for record in records).decode()


def read(path: Path) -> Mapping[RunId, Observation]:
    """Return what the file at *path* records of each run.

    Raises `BadInput` that names the file and the line where it is missing or of another form.
    """
    content = file_bytes(path, "the traces of a run: `lrspec conform` records them")
    observations: dict[RunId, Observation] = {}
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            record = document(line, Record, _EXPECTED)
            run = record.run
            if run in observations:
                raise BadInput("$", str(run), "each run once")  # noqa: TRY301 - placed as the others
        except BadInput as error:
            raise BadInput(
                f"line {number}: {error.place}", error.found, error.expected, str(path)
            ) from error
        observations[run] = from_answer(record)
    return observations
