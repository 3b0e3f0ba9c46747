"""The code to copy: for each framework its own classes, and standalone source where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from lrspec.bindings.backend import backends
from lrspec.codegen.emit import emit
from lrspec.codegen.standalone import STANDALONE
from lrspec.errors import BadInput, Unsupported
from lrspec.port.certificate import by_engine
from lrspec.port.verification import NATIVE
from lrspec.report.answers import bites
from lrspec.report.groups import title_of
from lrspec.report.ports import CertifiedPort, Ports
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
    specified, and `checked` says what its function gave. `ports` are those that were certified in
    the framework, by the framework whose rates they have.
    """

    as_specified: bool
    native: str = ""
    ran: str = ""
    standalone: str = ""
    checked: str = ""
    ports: Mapping[str, CertifiedPort] = field(default_factory=dict)

    @property
    def port(self) -> CertifiedPort | None:
        """The certified port that does what is specified."""
        return self.ports.get(SPECIFICATION)

    @property
    def best(self) -> Literal["native", "standalone", "none"]:
        """The style of the source that does what is specified."""
        if self.port is not None:
            return "native" if self.port.style == NATIVE else "standalone"
        if self.as_specified:
            return "native"
        return "standalone" if self.standalone else "none"

    @property
    def text(self) -> str:
        """The text of the best source."""
        if self.port is not None:
            return self.port.source
        return {"native": self.native, "standalone": self.standalone}.get(self.best, "")

    @property
    def evidence(self) -> str:
        """What is known of the best source, "" if it was not run."""
        if self.port is not None:
            return self.port.certificate
        return {"native": self.ran, "standalone": self.checked}.get(self.best, "")


def sources(
    subject: Subject,
    sides: Mapping[str, Side],
    results: Results,
    runs: RunsByText,
    ports: Ports,
) -> dict[str, Code]:
    """Return the sources of *subject* for each framework, and the evidence for each."""
    found = {name: side for name, side in sides.items() if name != SPECIFICATION}
    return {
        name: replace(
            _code(
                subject,
                name,
                side,
                sides[SPECIFICATION],
                _ran(runs.get((name, side.code), []), results),
            ),
            ports=ports.of(subject.id, name, subject.recipe),
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
    name = findings[0].backend
    framework = f"{title_of(name)} {results.versions[name]}"
    return f"this text ran in {framework}: {updates:,} updates, as {', '.join(names)}"
