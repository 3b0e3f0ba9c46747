"""YAML as plain values; no tag can run code."""

from __future__ import annotations

from typing import Any

from lrspec.errors import BadInput, LrspecError

_YAML = "YAML with plain values only"


def yaml(content: bytes) -> Any:
    """Return the value of the YAML *content*: mappings, lists, strings, numbers.

    A tag is the `name` of its mapping: `!LinearWarmup {steps: 500}` is `{name: LinearWarmup,
    steps: 500}`. Raises `BadInput` for anything else, for a duplicate key and for a merge key, and
    `LrspecError` where PyYAML is not installed.
    """
    try:
        import yaml as library  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        needs = "reading YAML needs an extra: python -m pip install 'lrspec[configs]'"
        raise LrspecError(needs) from error

    class Loader(library.SafeLoader):
        """Plain values, and tags as names."""

    Loader.add_constructor(library.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
    Loader.add_multi_constructor("!", _named)
    try:
        return library.load(content, Loader)  # noqa: S506 - a loader of plain values
    except BadInput:
        raise
    except library.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "$"
        raise BadInput(place, f"invalid YAML ({error.problem})", _YAML) from error
    except library.YAMLError as error:
        raise BadInput("$", "bytes that are not UTF-8", _YAML) from error
    except (RecursionError, ValueError) as error:
        raise BadInput("$", "deep nesting or an invalid value", _YAML) from error


def _mapping(loader: Any, node: Any) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        place = f"line {key_node.start_mark.line + 1}"
        if key_node.tag == "tag:yaml.org,2002:merge":
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
