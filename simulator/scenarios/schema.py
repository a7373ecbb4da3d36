"""The JSON Schema of scenario files, generated from the declarations, so that editors complete and check."""

from __future__ import annotations

from typing import Any

from simulator.common.units import Unit
from simulator.declarations.evidence import load_register
from simulator.declarations.levers import LEVERS
from simulator.declarations.number import Declared
from simulator.scenarios.field_validation import LARGEST_SCALE, MOST_EVIDENCE, accepts_on_off
from simulator.scenarios.validation import INTERVENTIONS, MOST_PARENTS

QUARTER = "^20(22/23|23/24|24/25|25/26|26/27|27/28|28/29|29/30)( Q[1-4])?$"
Schema = dict[str, Any]


def make_json_schema() -> Schema:
    """The schema (draft 2020-12). Dates that depend on one another are left to the program's own check."""
    text = {"type": "string", "pattern": "\\S"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Ringfence scenario",
        "description": "A policy as dated changes of levers, each with a because.",
        "type": "object",
        "required": ["title", "question"],
        "additionalProperties": False,
        "properties": {
            "title": {**text, "description": "What people call this policy"},
            "question": {**text, "description": "What you want to find out"},
            "extends": {
                "description": "A library name, a file (./other.yaml), or a list of them, stacked in order",
                "anyOf": [text, {"type": "array", "items": text, "minItems": 1, "maxItems": MOST_PARENTS}],
            },
            "interventions": {
                "description": "Numbers in the list of 45 interventions",
                "anyOf": [{"$ref": "#/$defs/number"}, {"type": "array", "items": {"$ref": "#/$defs/number"}}],
            },
            "cannot_say": {**text, "description": "What the model cannot express of this policy"},
            "plugin": {**text, "description": "The file of the plug-in whose levers this scenario moves"},
            "changes": {
                "description": "Lever -> one change, or a list of changes that do not overlap in time",
                "type": ["object", "null"],
                "additionalProperties": False,
                "properties": {name: _describe_lever(lever) for name, lever in LEVERS.items()},
            },
        },
        "$defs": {
            "number": {"type": "integer", "minimum": 1, "maximum": INTERVENTIONS},
            "change": _describe_change(text),
            **{f"change_of_{name}": _describe_change_of(lever) for name, lever in LEVERS.items()},
        },
    }


def _describe_lever(lever: Declared) -> Schema:
    about = lever.about
    one = {"$ref": f"#/$defs/change_of_{lever.name}"}
    return {
        "description": f"{about.meaning}. Unit: {about.unit.value}; {about.low:g} to {about.high:g}; "
        f"{lever.default:g} where the calendar is silent.",
        "if": {"type": "array"},
        "then": {"type": "array", "items": one, "minItems": 1},
        "else": one,
    }


def _describe_change(text: Schema) -> Schema:
    quarter = {"type": "string", "pattern": QUARTER}
    return {
        "type": "object",
        "required": ["because", "evidence"],
        "oneOf": [{"required": [kind, "from"]} for kind in ("to", "add", "scale")] + [{"required": ["path"]}],
        "if": {"properties": {"evidence": {"maxItems": 0}}},
        "then": {"required": ["assumption"], "properties": {"assumption": {"const": True}}},
        "dependentSchemas": {"path": {"properties": {"from": False, "phase": False}}},
        "additionalProperties": False,
        "properties": {
            "to": {"description": "Set the lever to this value"},
            "add": {"description": "Add this to the lever"},
            "scale": {"description": "Multiply the lever by this"},
            "path": {"description": "Quarter -> value, each held until the next", "type": "object"},
            "from": {**quarter, "description": "First quarter, such as 2027/28 Q1"},
            "until": {**quarter, "description": "Last quarter; then the lever returns. A year means its Q4"},
            "phase": {
                "type": "string",
                "pattern": "^[1-9][0-9]? (quarter|year)s?$",
                "description": "How long the change takes to arrive, such as '4 quarters' or '2 years'",
            },
            "because": {**text, "description": "Why this change, and why this size"},
            "evidence": {
                "description": "Ids of the register of evidence",
                "type": "array",
                "maxItems": MOST_EVIDENCE,
                "items": {"enum": list(load_register())},
            },
            "assumption": {"type": "boolean", "description": "True when nobody has measured this"},
        },
    }


def _describe_change_of(lever: Declared) -> Schema:
    about = lever.about
    number = {"type": "number", "minimum": about.low, "maximum": about.high}
    value: Schema = {"anyOf": [number, {"enum": ["on", "off"]}]} if accepts_on_off(lever) else number
    spread = about.high - about.low
    kinds: Schema = {
        "to": value,
        "add": {"type": "number", "minimum": -spread, "maximum": spread},
        "scale": {"type": "number", "minimum": 0, "maximum": LARGEST_SCALE},
    }
    if about.unit is Unit.SWITCH:
        value = {"enum": [0, 1, "on", "off"]}
        kinds = {"to": value, "add": False, "scale": False, "phase": False}
    path = {"propertyNames": {"pattern": QUARTER}, "additionalProperties": value, "minProperties": 1}
    return {"$ref": "#/$defs/change", "properties": {**kinds, "path": path}}
