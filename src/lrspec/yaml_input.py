"""YAML as plain values: mappings, lists, strings and numbers. No tag runs code."""

from __future__ import annotations

import re
from typing import Any

import yaml
import yamlcore  # type: ignore[import-untyped]

from lrspec.errors import BadInput

_YAML = "YAML with plain values only"
_MAX_BYTES = 100_000  # about a second
_DEEPEST = 100  # levels
_SURROGATE = re.compile(rb"\\[uU](0000)?[dD][89a-fA-F][0-9a-fA-F]{2}")


def parse_yaml_1_2(content: bytes) -> Any:
    """Return the value of *content* by the core schema of YAML 1.2, where `1e-3` is a number.

    Raises `BadInput` for a tag, an alias, a duplicate key, a merge key, and text that is not YAML.
    """
    return _parse(content, _Core)


def parse_yaml_1_1(content: bytes) -> Any:
    """Return the value of *content* as the frameworks' configurations are read: by YAML 1.1.

    A tag is the `name` of its mapping: `!LinearWarmup {steps: 500}` is `{name: LinearWarmup,
    steps: 500}`. Raises `BadInput` as `parse_yaml_1_2` does, but not for an alias.
    """
    return _parse(content, _Tagged)


def _parse(content: bytes, loader: Any) -> Any:
    if len(content) > _MAX_BYTES:
        raise BadInput("$", f"{len(content)} bytes", f"YAML of at most {_MAX_BYTES}, or JSON")
    if _SURROGATE.search(content):
        raise BadInput("$", "an escape of half a character", _YAML)
    try:
        return yaml.load(content, loader)  # noqa: S506 - a loader of plain values
    except BadInput:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "$"
        raise BadInput(place, f"invalid YAML ({error.problem})", _YAML) from error
    except yaml.YAMLError as error:
        raise BadInput("$", "bytes that are not UTF-8", _YAML) from error
    except (RecursionError, ValueError) as error:
        raise BadInput("$", "deep nesting or an invalid value", _YAML) from error


def _mapping(loader: Any, node: Any) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        place = f"line {key_node.start_mark.line + 1}"
        if key_node.tag == "tag:yaml.org,2002:merge" or key_node.value == "<<":
            raise BadInput(place, "a merge key <<", "its keys, written out")
        key = str(key_node.value)
        if key in mapping:
            raise BadInput(place, f"the key {key!r} twice", "each key once")
        mapping[key] = loader.construct_object(value_node, deep=True)
    return mapping


def _named(loader: Any, name: str, node: Any) -> dict[str, Any]:
    """Return the mapping behind a tag, with the tag as its `name`; a bare tag has no mapping."""
    if node.id == "mapping":
        return {**_mapping(loader, node), "name": name}
    if node.value != "":
        place = f"line {node.start_mark.line + 1}"
        raise BadInput(place, f"!{name:.40} before a scalar or list", "a mapping after the tag")
    return {"name": name}


class _Shallow:
    """A loader of documents that are not nested deeply: the time for those is quadratic."""

    _level = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Return the next node; raises `BadInput` for one that is nested too deeply."""
        self._level += 1
        if self._level > _DEEPEST:
            raise BadInput("$", "deep nesting", f"at most {_DEEPEST} levels")
        node = super().compose_node(parent, index)  # type: ignore[misc]  # the loader's
        self._level -= 1
        return node


class _Core(_Shallow, yamlcore.CoreLoader):  # type: ignore[misc]  # the library has no types
    """YAML 1.2 without aliases, which can stand for exponentially many values."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Return the next node; raises `BadInput` for an alias."""
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            place = f"line {event.start_mark.line + 1}"
            raise BadInput(place, f"the alias *{event.anchor:.40}", "its value, written out")
        return super().compose_node(parent, index)


class _Tagged(_Shallow, yaml.SafeLoader):
    """YAML 1.1, with tags as names."""


for _loader in (_Core, _Tagged):
    _loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Tagged.add_multi_constructor("!", _named)
