"""Log lines: their fields, and that nothing personal is in them."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.db import connection, transaction

from numaru.config import logs
from numaru.kernel import context

CANARIES = {
    "phone": "010-1234-5678", "phone without dashes": "01012345678", "phone abroad": "+82 10-1234-5678", "landline": "02-123-4567",
    "e-mail": "haneul.kim@example.co.kr", "resident number": "900101-2123456", "resident number in one": "9001012123456",
    "card": "4111 1111 1111 1111", "token": "nmk_abcDEF123456789", "bearer": "Bearer abcdefghijklmnop", "query": "/subscribers/?q=김하늘",
    "password": "postgresql://numaru:geheim@db.example/x",
}  # fmt: skip


def line(record: logging.LogRecord) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(logs.Lines().format(record))
    return told


def record(message: str, *args: object, error: BaseException | None = None, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord(
        "numaru.x", logging.WARNING, __file__, 1, message, args, (type(error), error, error.__traceback__) if error else None
    )
    made.__dict__.update(extra)
    return made


@pytest.mark.parametrize("kind", CANARIES)
def test_what_looks_personal_or_secret_is_taken_out(kind: str) -> None:
    secret = CANARIES[kind]
    heart = {"query": "김하늘", "password": "geheim", "bearer": "abcdefghijklmnop"}.get(kind, secret)
    for shaped in (logs.Lines(), logs.Plain()):
        try:
            raise ValueError(f"wrong: {secret}")
        except ValueError as error:
            said = shaped.format(record("seen %s here", secret, error=error))
        assert heart not in said, said


@pytest.mark.parametrize(
    "kept", ["R2026-10-000001", "S-0001234", "INV-2026-0000123", "job 1234567 done", "2026-11-22T09:30:00+09:00", "13900"]
)
def test_our_own_numbers_stay(kept: str) -> None:
    assert kept in logs.scrub(f"about {kept}, told")


def test_a_line_has_the_fields_and_nothing_that_a_library_attaches() -> None:
    token = context.current.set(context.Context("request-1234", "billing/", "staff:7"))
    try:
        told = line(record("%s done", "it", job={"args": {"name": "김하늘"}}, status=200, ms=3.5))
    finally:
        context.current.reset(token)
    assert told["message"] == "it done" and told["level"] == "warning" and told["logger"] == "numaru.x" and told["time"].endswith("Z")
    assert (told["request"], told["route"], told["actor"], told["status"], told["ms"]) == ("request-1234", "billing/", "staff:7", 200, 3.5)
    assert "job" not in told and "김하늘" not in json.dumps(told, ensure_ascii=False)


def test_a_line_is_one_line() -> None:
    assert "\n" not in logs.Lines().format(record("a\nb\r\nINFO forged line"))


def test_what_a_database_quotes_of_a_row_is_cut_off(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE canary (name text PRIMARY KEY, n int)")
        cursor.execute("INSERT INTO canary VALUES ('김하늘', 1)")
        for sql in ("INSERT INTO canary VALUES ('김하늘', 1)", "INSERT INTO canary VALUES ('x', '김하늘'::text::int)"):
            with pytest.raises(Exception) as caught, transaction.atomic():
                cursor.execute(sql)
            assert "김하늘" in str(caught.value)  # the driver does tell it
            for shaped in (logs.Lines(), logs.Plain()):
                said = shaped.format(record("broke", error=caught.value))
                assert "김하늘" not in said and "Error" in said


@pytest.mark.parametrize(("wanted", "shape"), [("json", "json"), ("text", "text"), ("auto", "json")])
def test_the_shape_is_chosen(monkeypatch: pytest.MonkeyPatch, wanted: str, shape: str) -> None:
    monkeypatch.setenv("NUMARU_LOG_FORMAT", wanted)
    assert logs.shape() == shape  # under a test, standard error is no terminal


def test_a_job_carries_the_id_of_the_request_that_asked_for_it(db: None) -> None:
    from numaru.kernel.approvals.jobs import expire_all

    token = context.current.set(context.Context("request-5678"))
    try:
        number = expire_all.defer(timestamp=1)
    finally:
        context.current.reset(token)
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE id = %s", [number])
        (args,) = cursor.fetchone()
    told = json.loads(args) if isinstance(args, str) else args
    assert told == {"timestamp": 1, "trace": "request-5678"}
    expire_all(**told)  # the function does not see it
    assert context.current.get() is None
