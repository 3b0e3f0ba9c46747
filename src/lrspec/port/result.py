"""The result of a port: source, style, reason, and the certificate of the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lrspec.verdict.results import Finding


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """The result of checking a source.

    `checked_by` is `framework` where the source was run there; `engine` where only its functions
    were evaluated, and compared with the specification; `dialect` where its framework is predicted
    to do what is specified. `version` is None where the framework is absent. The errors are the
    largest of all `scenarios`, in ULP and relative to the peak, None where nothing was measured.
    They are from the original run, where the port replaces one, and else from the specification;
    `departs` is how that run departs from the specification, None if it does not.
    `sha256` is the digest of the source.
    """

    backend: str
    version: str | None = None
    checked_by: str
    scenarios: Sequence[str] = ()
    updates: int = 0
    max_ulp_error: float | None = None
    max_rel_error: float | None = None
    diverges: bool = False
    departs: Mapping[str, Any] | None = None
    text: str
    sha256: str


@dataclass(frozen=True)
class Port:
    """A recipe as a framework's source, and the certificate of that source.

    `style` is `native` (the framework's own classes) or `standalone` (the recipe written out as a
    function), `reason` a sentence that says why. `cause` is the same in a word or two: `conforms`
    for native classes that do what is specified; otherwise `no class`, `rounding`, `requested`, or
    the id of a departure. `findings` are the verdicts on the runs that the certificate rests on.
    """

    source: str
    style: str
    reason: str
    certificate: Certificate
    cause: str = ""
    findings: Sequence[Finding] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON object: `source`, `style`, `reason`, `certificate`."""
        return {
            "source": self.source,
            "style": self.style,
            "reason": self.reason,
            "certificate": asdict(self.certificate),
        }
