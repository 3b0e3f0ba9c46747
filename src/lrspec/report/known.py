"""What the ledger is asked about a finding."""

from __future__ import annotations

from lrspec.report.results import Finding
from lrspec.truth.recipe import from_dict
from lrspec.verdict.ledger import Run


def asked(finding: Finding, version: str) -> Run:
    """Return *finding*, on a backend of *version*, as the ledger is asked about it."""
    return Run(
        backend=finding.backend,
        version=version,
        recipe=from_dict(finding.recipe),
        spelling=finding.spelling,
        drive=finding.drive,
        verdict=finding.verdict,
        kind=finding.kind,
        first_step=finding.first_step,
    )
