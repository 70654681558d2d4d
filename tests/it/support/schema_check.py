"""Checks YAML files against a JSON Schema with somebody else's validator.

usage: schema_check.py SCHEMA FILE...

Prints a line of JSON for each file: its path and what the schema finds wrong with it. The schema
itself and its examples are checked first; what is wrong with those is a line for the schema.
"""

import datetime
import json
import sys

from jsonschema import Draft202012Validator
from ruamel.yaml import YAML


def plain(value):
    """What YAML 1.2's core schema makes of it: a date is a text."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    return value


def examples(schema, place=""):
    """Each schema that has examples, with its place."""
    if isinstance(schema, dict):
        if isinstance(schema.get("examples"), list):
            yield place, schema
        for key, item in schema.items():
            yield from examples(item, f"{place}/{key}")
    elif isinstance(schema, list):
        for at, item in enumerate(schema):
            yield from examples(item, f"{place}/{at}")


def told(path, found):
    print(json.dumps({"file": path, "problems": found}), flush=True)


def main():
    name, files = sys.argv[1], sys.argv[2:]
    with open(name, encoding="utf-8") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    found, tried = [], 0
    for place, part in examples(schema):
        # Its references are to the definitions of the whole.
        part = {**part, "$defs": schema["$defs"]}
        for example in part["examples"]:
            tried += 1
            wrong = Draft202012Validator(part).iter_errors(example)
            found.extend(f"{place}: {error.message}" for error in wrong)
    told(name, found if tried else ["there are no examples"])
    validator = Draft202012Validator(schema)
    for path in files:
        with open(path, encoding="utf-8") as file:
            value = plain(YAML(typ="safe", pure=True).load(file))
        found = [f"/{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in validator.iter_errors(value)]
        told(path, found)


main()
