"""JSON Schemas of item files and of config.yaml, with which editors complete and check them.

Editors give YAML its own types, the program reads all of it as text: the schemas accept what the program accepts.
"""

import json
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import BaseModel

from digest.actions.writing import replace_file
from digest.config import Config
from digest.items.item import ItemFields

Schema: TypeAlias = dict[str, Any]

_MODELS: dict[str, type[BaseModel]] = {"item": ItemFields, "config": Config}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXTS = frozenset({"string", "integer", "boolean"})  # types whose values are read as text
_AS_EDITORS_SEE_TEXT = ["string", "number", "boolean"]  # `title: 1984`
_NOTHING: Schema = {"type": "null"}
_REFERENCE: Schema = {  # `{env: NAME}` or `{file: PATH}`
    "type": "object",
    "properties": {"env": {"type": "string"}, "file": {"type": "string"}},
    "additionalProperties": False,
    "minProperties": 1,
    "maxProperties": 1,
}


def schema_text(name: str) -> str:
    """Return the JSON Schema of `item` or `config`, as its file holds it."""
    drawn = _as_written(_MODELS[name].model_json_schema(by_alias=True), references=name == "config")
    return json.dumps({"$schema": _DIALECT, **drawn, "title": f"Digest {name}"}, indent=2, ensure_ascii=False) + "\n"


def refresh_schema(newsroom: Path, name: str) -> None:
    """Make the schema's file in the newsroom's folder that of this program."""
    path, text = newsroom / f"{name}.schema.json", schema_text(name).encode()
    if not path.is_file() or path.read_bytes() != text:
        replace_file(path, text)


def _as_written(schema: Schema, *, references: bool) -> Schema:
    """Return the schema with each value as people write it: text of any look, absent, or a reference."""

    def drawn(inner: Schema) -> Schema:
        return _as_written(inner, references=references)

    changed: Schema = {}
    if schema.get("type") in _TEXTS and not {"enum", "const"} & schema.keys():
        changed["type"] = _AS_EDITORS_SEE_TEXT
    if "anyOf" in schema:
        changed["anyOf"] = [drawn(inner) for inner in schema["anyOf"]]
    for key in {"items", "additionalProperties"} & schema.keys():
        changed[key] = drawn(schema[key]) if schema[key] else False
    if "$defs" in schema:
        changed["$defs"] = {name: drawn(inner) for name, inner in schema["$defs"].items()}
    if "properties" in schema:
        required = schema.get("required", ())
        changed["properties"] = {
            name: drawn(inner) if name in required else {"anyOf": [drawn(inner), _NOTHING]}
            for name, inner in schema["properties"].items()
        }
    whole = {**{key: value for key, value in schema.items() if key not in {"default", "title"}}, **changed}
    return {"anyOf": [whole, _REFERENCE]} if references and schema.get("type") in _TEXTS else whole
