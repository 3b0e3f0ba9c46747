"""The code to copy: for each framework its own classes, and standalone source where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lrspec.bindings.backend import backends
from lrspec.codegen.emit import emit
from lrspec.codegen.standalone import STANDALONE
from lrspec.errors import BadInput, Unsupported
from lrspec.port.certificate import by_engine
from lrspec.report.answers import bites
from lrspec.report.sides import SPECIFICATION, Side, Subject
from lrspec.verdict.results import Finding, Results

#: The runs of each backend's source texts.
RunsByText = Mapping[tuple[str, str], Sequence[Finding]]
#: What native source must do as specified before it is recommended.
_NEEDED = ("once", "past", "resume", "groups")


@dataclass(frozen=True)
class Code:
    """The sources of one subject for one framework, "" where there is none.

    `native` calls the framework's own classes, and `ran` says where exactly this text was run.
    `standalone` contains the formula; it is written where native source does not do what is
    specified, and `checked` says what its function gave.
    """

    as_specified: bool
    native: str = ""
    ran: str = ""
    standalone: str = ""
    checked: str = ""

    @property
    def best(self) -> Literal["native", "standalone", "none"]:
        """The source that does what is specified."""
        if self.as_specified:
            return "native"
        return "standalone" if self.standalone else "none"

    @property
    def text(self) -> str:
        """The text of the best source."""
        return {"native": self.native, "standalone": self.standalone}.get(self.best, "")

    @property
    def evidence(self) -> str:
        """What is known of the best source, "" if it was not run."""
        return {"native": self.ran, "standalone": self.checked}.get(self.best, "")


def sources(
    subject: Subject, sides: Mapping[str, Side], results: Results, runs: RunsByText
) -> dict[str, Code]:
    """Return the sources of *subject* for each framework, and the evidence for each."""
    found = {name: side for name, side in sides.items() if name != SPECIFICATION}
    return {
        name: _code(
            subject,
            name,
            side,
            sides[SPECIFICATION],
            _ran(runs.get((name, side.code), []), results),
        )
        for name, side in found.items()
    }


def _code(subject: Subject, name: str, side: Side, specified: Side, ran: str) -> Code:
    if side.code and not any(b.situation in _NEEDED for b in bites(subject, specified, side)):
        return Code(as_specified=True, native=side.code, ran=ran)
    try:
        text = emit(subject.recipe, backends()[name], STANDALONE).text
        checked = by_engine(text, subject.recipe, name).text
    except (Unsupported, BadInput):
        text = checked = ""
    return Code(as_specified=False, native=side.code, ran=ran, standalone=text, checked=checked)


def runs_by_text(results: Results) -> RunsByText:
    """Return the runs that were made, by backend and source text."""
    runs: dict[tuple[str, str], list[Finding]] = {}
    for finding in results.findings:
        if finding.verdict:
            runs.setdefault((finding.backend, finding.source), []).append(finding)
    return runs


def _ran(findings: Sequence[Finding], results: Results) -> str:
    """Return where a text was run, "" if it was not."""
    if not findings:
        return ""
    updates = sum(finding.updates for finding in findings)
    names = dict.fromkeys(finding.run.scenario.name for finding in findings)
    version = results.versions[findings[0].backend]
    return f"this text ran in {version}: {updates:,} updates, as {', '.join(names)}"
