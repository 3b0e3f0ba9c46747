"""What a dialect's rules say for one version of the framework.

Anywhere in the rules, an object whose keys are PEP 440 ranges stands for the value of the range
that contains the version:

    "next": {"<2.8": FORMULA, ">=2.8": FORMULA}

In a list, that value is a line or a list of lines, which take its place. Where no range contains
the version, the line, or the key with this value, is left out.
"""

from __future__ import annotations

from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from lrspec.errors import BadInput

_NOTHING = object()
_COMPARISONS = ("<", ">", "=", "!", "~")


def release_of(version: str) -> Version | None:
    """Return the release that *version* is, or leads to; None if it is no version."""
    try:
        return Version(Version(version).base_version)
    except InvalidVersion:
        return None


def of_version(rules: Any, version: Version) -> Any:
    """Return *rules* for *version*; raises `BadInput` where two ranges contain it."""
    resolved = _resolved(rules, version)
    return None if resolved is _NOTHING else resolved


def _resolved(rule: Any, version: Version) -> Any:
    if isinstance(rule, list):
        return [line for part in rule for line in _lines(part, version)]
    if not isinstance(rule, dict):
        return rule
    if rule and all(name.startswith(_COMPARISONS) for name in rule):
        chosen = [value for text, value in rule.items() if _range(text).contains(version)]
        if len(chosen) > 1:
            raise BadInput("the ranges", ", ".join(rule), f"at most one that contains {version}")
        return _resolved(chosen[0], version) if chosen else _NOTHING
    parts = {name: _resolved(part, version) for name, part in rule.items()}
    return {name: part for name, part in parts.items() if part is not _NOTHING}


def _lines(part: Any, version: Version) -> list[Any]:
    resolved = _resolved(part, version)
    if resolved is _NOTHING:
        return []
    chosen = isinstance(part, dict) and part != resolved and isinstance(resolved, list)
    return resolved if chosen else [resolved]


def _range(text: str) -> SpecifierSet:
    try:
        return SpecifierSet(text)
    except InvalidSpecifier as error:
        raise BadInput("the range", text, "a PEP 440 range, such as >=2.8") from error
