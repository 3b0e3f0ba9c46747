"""Porting: a recipe written in a framework's own words, run there, and certified."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lrspec.conform.cases import OWN, Case
from lrspec.conform.findings import judged
from lrspec.conform.observe import observe
from lrspec.conform.plan import plan
from lrspec.errors import BadInput, Unsupported
from lrspec.frameworks.backend import backend_of
from lrspec.frameworks.bindings import NATIVE
from lrspec.frameworks.emit import emit
from lrspec.report.results import Finding
from lrspec.truth.recipe import Recipe


@dataclass(frozen=True)
class Certificate:
    """What running the printed source in the framework showed.

    `version` is None where the framework is absent; then nothing was run. Errors are the largest
    of all drives, in ULP and relative to the peak rate. `sha256` is that of the source.
    """

    backend: str
    version: str | None
    drives: Sequence[str]
    updates: int
    max_ulp_error: float | None
    max_rel_error: float | None
    diverges: bool
    text: str
    sha256: str


@dataclass(frozen=True)
class Port:
    """Framework source, how it is written and why, and its certificate."""

    source: str
    style: str
    reason: str
    certificate: Certificate

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON object."""
        return asdict(self)


def port(recipe: Recipe, to: str, pythons: Mapping[str, str] | None = None) -> Port:
    """Return *recipe* in the words of the backend *to*, run there if it is installed.

    Raises `BadInput` where there is no such backend, or where it has no native way to say it.
    """
    backend = backend_of(to)
    try:
        source = emit(recipe, backend).text
    except Unsupported as error:
        expected = f"a schedule that {backend.title} has: {error}"
        raise BadInput("$.schedule", recipe.kind, expected) from error
    case = Case("port", "", recipe, drives=OWN, representative=True)
    runs = [run for run in plan([case], [backend], misuse=False) if run.spelling == NATIVE]
    seen = observe(runs, pythons)
    findings = [f for f in judged(runs, seen).findings if f.status != "unsupported"]
    reason = f"{backend.title}'s own classes"
    certificate = _certificate(source, to, seen.versions[to], findings)
    return Port(source, "native", reason, certificate)


def _certificate(
    source: str, backend: str, version: str | None, findings: Sequence[Finding]
) -> Certificate:
    bad = [finding for finding in findings if finding.verdict != "conforms"]
    ulp = max((f.max_ulp_error for f in findings if f.max_ulp_error is not None), default=None)
    rel = max((f.max_rel_error for f in findings if f.max_rel_error is not None), default=None)
    updates = sum(finding.updates for finding in findings)
    drives = [finding.drive for finding in findings]
    digest = hashlib.sha256(source.encode()).hexdigest()
    if version is None:
        text = f"not run: {findings[0].explanation}" if findings else "not run"
    elif bad:
        text = f"DIVERGES in {backend} {version}, drive {bad[0].drive}: {bad[0].explanation}"
    else:
        text = (
            f"certified in {backend} {version}: {updates} updates under {', '.join(drives)}, "
            f"at most {ulp:.3g} ULP and {rel:.2g} of the peak from the specification"
        )
    diverges = version is not None and bool(bad)
    return Certificate(
        backend, version, drives, updates, ulp, rel, diverges, f"{text}; sha256 {digest}", digest
    )
