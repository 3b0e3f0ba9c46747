"""What the ledger is asked about a finding."""

from __future__ import annotations

import json
from functools import lru_cache

from lrspec.spec.recipe import Recipe, from_dict
from lrspec.verdict.ledger import Run
from lrspec.verdict.results import Finding


def asked(finding: Finding, version: str) -> Run:
    """Return *finding*, on a backend of *version*, as the ledger is asked about it."""
    return Run(
        backend=finding.backend,
        version=version,
        recipe=_recipe(json.dumps(finding.recipe)),
        argument_form=finding.argument_form,
        scenario=finding.run.scenario,
        verdict=finding.verdict,
        kind=finding.kind,
        first_step=finding.first_step,
        silent=tuple(finding.silent),
    )


@lru_cache(maxsize=4096)
def _recipe(document: str) -> Recipe:
    return from_dict(json.loads(document))
