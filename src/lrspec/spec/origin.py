"""The framework whose rates a recipe means: its `dialect`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lrspec.errors import BadInput, described, missing, unknown
from lrspec.spec.validation import IS

#: The keys of `dialect`, each with its type and meaning; those that are no strings are optional.
DIALECT = {
    "framework": ("string", "a framework, such as torch"),
    "version": ("string", "its version, such as 2.13.0"),
    "hold_at_errors": ("boolean", "true if the last rate is held where the framework raises"),
}


@dataclass(frozen=True)
class Origin:
    """The framework whose rates a recipe means, departures included, and its version.

    After an error of the framework the rates end, or with *hold_at_errors* stay at the last one.
    """

    framework: str
    version: str
    hold_at_errors: bool = False

    def __str__(self) -> str:
        return f"{self.framework} {self.version}"

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object that this origin was read from."""
        hold = {"hold_at_errors": True} if self.hold_at_errors else {}
        return {"framework": self.framework, "version": self.version, **hold}


def origin_of(dialect: Any) -> Origin:
    """Return the origin that a recipe's `dialect` names; raises `BadInput` with the JSON path."""
    if not isinstance(dialect, Mapping):
        raise BadInput("$.dialect", described(dialect), "an object with a framework and a version")
    for name in dialect.keys() - DIALECT.keys():
        raise unknown(f"$.dialect.{str(name)[:40]}", "key", name, [*DIALECT], ", ".join(DIALECT))
    for name, (json_type, meaning) in DIALECT.items():
        if name not in dialect and json_type == "string":
            raise missing("$.dialect", name, meaning)
        if not IS[json_type](dialect.get(name, False)):
            raise BadInput(f"$.dialect.{name}", described(dialect[name]), meaning)
    check_version(dialect["version"], "$.dialect.version")
    return Origin(**dialect)


def check_version(version: str, place: str) -> None:
    """Raise `BadInput` at *place* unless *version* is one, as PEP 440 defines them."""
    from packaging.version import Version  # noqa: PLC0415 - few recipes have a version

    try:
        Version(version)
    except ValueError as error:  # `InvalidVersion`, or a number with too many digits
        raise BadInput(place, version, "a version, such as 2.13.0") from error
