"""From the text of a configuration to plain values: JSON, or YAML that can run nothing."""

from __future__ import annotations

from typing import Any

from lrspec.errors import BadInput, LrspecError
from lrspec.json_input import parse_json

_YAML = "YAML"


def json(content: bytes) -> Any:
    """Return what *content* says in JSON; raises `BadInput` where it says nothing."""
    return parse_json(content)


def yaml(content: bytes) -> Any:
    """Return what *content* says in YAML: mappings, lists, texts, numbers.

    A tag is the name of what it stands before: `!LinearWarmup {steps: 500}` is `{name:
    LinearWarmup, steps: 500}`. Raises `BadInput` for anything else, for a key given twice and for a
    merge key, and `LrspecError` where PyYAML is not installed.
    """
    try:
        import yaml as library  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        needs = "YAML files need their extra: python -m pip install 'lrspec[configs]'"
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
        raise BadInput(place, f"no plain YAML ({error.problem})", _YAML) from error
    except library.YAMLError as error:
        raise BadInput("$", "no UTF-8 text", _YAML) from error
    except (RecursionError, ValueError) as error:
        raise BadInput("$", "endless nesting, or a value that is none", _YAML) from error


def _mapping(loader: Any, node: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        place = f"line {key_node.start_mark.line + 1}"
        if key_node.tag == "tag:yaml.org,2002:merge":
            raise BadInput(place, "a merge key <<", "its keys, written out")
        key = str(key_node.value)
        if key in found:
            raise BadInput(place, f"the key {key!r} twice", "each key once")
        found[key] = loader.construct_object(value_node, deep=True)
    return found


def _named(loader: Any, name: str, node: Any) -> dict[str, Any]:
    """Return the object behind a tag, with its name; a bare tag has nothing behind it."""
    if node.id == "mapping":
        return {**_mapping(loader, node), "name": name}
    if node.value != "":
        place = f"line {node.start_mark.line + 1}"
        raise BadInput(place, f"!{name:.40} before no object", "named fields behind the tag")
    return {"name": name}
