"""Keep short traces of the last run in every release: nox -s versions, then nox -s record-versions.

The runs are those that `record.py` keeps. An observation that several releases share is kept once.
"""

from __future__ import annotations

import lzma
from pathlib import Path

import msgspec

from lrspec.bindings.backend import Backend, backends, frameworks
from lrspec.runtime import records
from lrspec.runtime.grafts import releases
from lrspec.suite.cases import cases
from lrspec.suite.plan import Run, plan

LONGEST = 60
RUN = Path("reports/releases")
RECORDED = Path("tests/recorded_releases")


def lines(backend: Backend) -> list[bytes]:
    """Return a line per run and observation: the versions that share it, and the record."""
    versions: dict[bytes, list[str]] = {}
    kept = {run.id for run in _kept(backend)}
    for version in releases(backend):
        for run, observation in records.read(RUN / backend.name / f"{version}.jsonl").items():
            if run in kept and len(observation.rates) <= LONGEST:
                line = records.lines([(run, observation)]).encode()
                versions.setdefault(line, []).append(version)
    whole = ((names, msgspec.json.decode(line)) for line, names in versions.items())
    return [msgspec.json.encode({"versions": names, **record}) for names, record in whole]


def _kept(backend: Backend) -> list[Run]:
    modes = [mode for mode in backends().values() if mode.framework == backend.framework]
    written = [case for case in cases() if not case.generated]
    return [*plan(written, modes), *plan(cases(), modes, quick=True)]


def main() -> None:
    """Write a compressed file per framework of which releases were run."""
    RECORDED.mkdir(exist_ok=True)
    for backend in frameworks().values():
        if releases(backend):
            text = b"\n".join(sorted(lines(backend))) + b"\n"
            packed = lzma.compress(text, preset=9)
            (RECORDED / f"{backend.name}.jsonl.xz").write_bytes(packed)


if __name__ == "__main__":
    main()
