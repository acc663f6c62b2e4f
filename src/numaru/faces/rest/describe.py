"""The OpenAPI document: what Ninja knows of the operations, with the refusals that each can answer, and the native route beside them."""

from __future__ import annotations

from typing import Any

from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from pydantic import BaseModel

from numaru.faces.rest.shapes import SLUG, Problem, UsageAnswer

PROBLEM = "application/problem+json"
REFUSALS = {
    400: "The request could not be read.",
    401: "The token is missing or wrong.",
    403: "The client lacks the permission.",
    404: "There is no such thing, or it is not the client's to see.",
    405: "The address has no such method.",
    409: "The state of the world forbids it now, or the Idempotency-Key was used with another body.",
    413: "The body is too large.",
    415: "The body is of another kind.",
    422: "The input is wrong; the findings say where and how to write it right.",
    429: "Too many calls; Retry-After says when to come back.",
}
READING = (400, 401, 403, 404, 405, 422, 429)
WRITING = tuple(REFUSALS)
KEY = {
    "in": "header", "name": "Idempotency-Key", "required": True,
    "description": "A value of your own per intention, kept for 30 days: a repeat gets the same answer, another body with it a 409.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 300, "pattern": "^[!-~]+$"},
}  # fmt: skip
EVENT: dict[str, Any] = {
    "description": "A CloudEvents 1.0 event. One that does not fit is not taken and named in the findings; the others are taken.",
    "properties": {
        "specversion": {"description": 'always "1.0"'},
        "id": {"description": "with source and day the identity of the event: a text of 1 to 200 characters"},
        "source": {"description": "a text of 1 to 200 characters"},
        "type": {"description": "the meter"},
        "subject": {"description": "the subscriber's number or external id"},
        "time": {"description": "RFC 3339 with an offset"},
        "service": {"type": "string", "pattern": SLUG, "description": "the service, when the address does not name it"},
        "data": {"description": '{"quantity": "12.5"}, and {"amount": "1500", "currency": "KRW"} for an event that carries its price; figures are texts or whole numbers'},
    },
}  # fmt: skip
EXAMPLE = {
    "specversion": "1.0", "id": "e-1", "source": "player", "type": "play-minutes", "subject": "S-0000001", "time": "2026-11-22T09:30:00+09:00",
    "data": {"quantity": "12.5"},
}  # fmt: skip


def document(found: OpenAPISchema, prefix: str) -> OpenAPISchema:
    """``found`` completed in place: refusals as problem documents, header parameters, POST /usage."""
    schemas = found["components"]["schemas"]
    for shape in (Problem, UsageAnswer):
        _add(schemas, shape)
    found["paths"][f"{prefix}usage"] = {"post": _usage()}
    for operations in found["paths"].values():
        for method, operation in operations.items():
            for parameter in operation["parameters"]:
                parameter["schema"] = _wire(parameter["schema"])
            operation["responses"].update(refusals(READING if method == "get" else WRITING))
            if method != "get" and not any(p["name"] == KEY["name"] for p in operation["parameters"]):
                operation["parameters"].append(KEY)
    return found


def _wire(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter as it travels: one that may be left out is never null, for on the wire everything is text."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    return kinds[0] if len(kinds) == 1 else schema


def _add(schemas: dict[str, Any], shape: type[BaseModel]) -> None:
    schema = shape.model_json_schema(ref_template=REF_TEMPLATE, mode="serialization")
    schemas.update(schema.pop("$defs", {}))
    schemas[shape.__name__] = schema


def _ref(name: str) -> dict[str, str]:
    return {"$ref": REF_TEMPLATE.format(model=name)}


def refusals(statuses: tuple[int, ...]) -> dict[int, Any]:
    """The answers of refused calls, by status."""
    return {status: {"description": REFUSALS[status], "content": {PROBLEM: {"schema": _ref("Problem")}}} for status in statuses}


def _usage() -> dict[str, Any]:
    return {
        "operationId": "send_usage",
        "summary": "Send usage events, one or up to 5,000 at once",
        "description": "The answer goes out when the events are durable. Each identity counts once, however often it is sent.",
        "security": [{"Token": []}],
        "parameters": [
            {"in": "query", "name": "service", "required": False, "schema": {"type": "string", "pattern": SLUG}, "description": "for events that do not name their service"},
            KEY | {"required": False},
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/cloudevents+json": {"schema": {"type": "object", **EVENT}, "example": EXAMPLE},
                "application/cloudevents-batch+json": {"schema": {"type": "array", "minItems": 1, "maxItems": 5_000, "items": EVENT}, "example": [EXAMPLE]},
            },
        },
        "responses": {200: {"description": "Counts, and a finding for each event that was not taken.", "content": {"application/json": {"schema": _ref("UsageAnswer")}}}},
    }  # fmt: skip
