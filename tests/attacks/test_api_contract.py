"""The whole API against its own description, by schemathesis: no 500, no answer that the document does not promise, no wrong input taken.

Right and wrong data are generated from /api/v1/openapi.json and sent over a real socket with a real token; the native route POST /usage is
described there like the others and is asked in the same way. Seeded: the same calls each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode

from numaru.kernel.access import ROLES
from tests.attacks.conftest import token
from tests.attacks.serving import ask, served
from tests.domains.billing.world import SLUG, World

pytestmark = pytest.mark.django_db
OPERATIONS = 7
EXAMPLES = 25  # of right and of wrong data, for each operation
KNOWN = {
    "/api/v1/bill-runs/{number}": "R2026-08", "/api/v1/invoices/{number}": "R2026-08-000001", "/api/v1/subscribers/{number}": "S-0000001", "/api/v1/subscribers/{number}/access-log": "S-0000001",
}  # fmt: skip


@pytest.fixture(scope="module")
def port(world: World, django_db_blocker: Any) -> Iterator[int]:
    from numaru.config.server import inner

    with django_db_blocker.unblock(), served(inner) as found:
        yield found


@pytest.fixture(scope="module")
def key(world: World, django_db_blocker: Any) -> str:
    with django_db_blocker.unblock():
        return token(*ROLES, scope=SLUG)


@pytest.fixture(scope="module")
def schema(port: int) -> Any:
    return schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/api/v1/openapi.json")


def operations(schema: Any) -> dict[str, Any]:
    return {f"{op.method.upper()} {op.path}": op for op in (result.ok() for result in schema.get_all_operations())}


def test_the_description_names_every_route_and_every_refusal(schema: Any, port: int) -> None:
    found = operations(schema)
    assert "POST /api/v1/usage" in found and len(found) == OPERATIONS
    from numaru.faces.rest.api import api

    ours = {
        f"{method} /api/v1/{path.strip('/')}"
        for _, router in api._routers
        for path, view in router.path_operations.items()
        for op in view.operations
        for method in op.methods
    }
    assert ours <= set(found)
    for name, operation in found.items():
        answers = operation.definition.raw["responses"]
        assert {"401", "403", "404", "422"} <= set(answers), name
        assert all(set(answers[status]["content"]) == {"application/problem+json"} for status in answers if int(status) >= 400), name
        assert operation.definition.raw["security"] == [{"Token": []}], name


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
@pytest.mark.parametrize("nth", range(OPERATIONS))
def test_generated_calls_never_break_the_contract(schema: Any, port: int, key: str, nth: int, mode: GenerationMode) -> None:
    name, operation = sorted(operations(schema).items())[nth]
    left_out = (
        "max_response_time",
        "use_after_free",
        "ensure_resource_availability",
        "ignored_auth",
    )  # the last has a test of its own below
    checks = [check for check in CHECKS.get_all() if check.__name__ not in left_out]
    count = 0

    @hypothesis.seed(20261122)
    @hypothesis.settings(
        max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck), derandomize=False
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        nonlocal count
        count += 1
        if name == "POST /api/v1/usage" and mode.is_positive:  # no schema can say that one of two places must name the service
            events = case.body if isinstance(case.body, list) else [case.body]
            hypothesis.assume("service" in (case.query or {}) or all(isinstance(e, dict) and "service" in e for e in events))
        # an empty list is sent as nothing at all: what was to be wrong about it never leaves
        hypothesis.assume(mode.is_positive or [] not in (case.query or {}).values())
        if mode.is_positive and operation.path in KNOWN and count % 2:
            case.path_parameters["number"] = KNOWN[operation.path]
        case.call_and_validate(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {key}"}, checks=checks, timeout=20)

    try:
        send()
    except hypothesis.errors.Unsatisfiable:
        assert mode.is_negative and name == "GET /api/v1/bill-runs", f"{name}: nothing could be generated"
    except FailureGroup as group:
        pytest.fail("\n".join(f"{name}: {failure}" for failure in group.exceptions), pytrace=False)
    assert count >= 5 or mode.is_negative, f"{name} was hardly asked"


@pytest.mark.parametrize(
    "path", ["bill-runs", "bill-runs/R2026-08", "invoices/R2026-08-000001", "subscribers/S-0000001", "usage", "nothing", "x/y/z"]
)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods_are_told_as_problems(port: int, key: str, path: str, method: str) -> None:
    status, headers, body = ask(port, method, f"/api/v1/{path}", b"", {"Authorization": f"Bearer {key}"})
    assert status in (404, 405) and headers["content-type"].startswith("application/problem+json"), (status, headers)
    assert b"message_ko" in body and (status == 404 or headers["allow"])
