"""Personal data from the first file to the last check: sealed under AES-256 with the keys apart, bills apart from people, the log backed up and
chained, the house looked through on schedule. All by the commands that a person types."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from numaru.kernel.postgres import Server
from tests.config.running import call
from tests.journeys.test_restore import inside
from tests.kernel.test_canaries import EMAIL, MAPPING, NAME, PHONE

pytestmark = pytest.mark.slow

LOOK = """
import json
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection
from numaru.domains.subscribers.models import Subscriber
from numaru.kernel.vault import ring, sealing
out = {}
with connection.cursor() as c:
    c.execute("SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
              " AND table_schema NOT IN ('pg_catalog', 'information_schema')")
    every = c.fetchall()
    out["tables"] = len(every)
    out["clear"] = []
    for schema, table in every:
        c.execute(f'SELECT count(*) FROM "{schema}"."{table}" t WHERE EXISTS (SELECT 1 FROM unnest(%s::text[]) x WHERE position(x IN t::text) > 0)', [CANARIES])
        if c.fetchone()[0]:
            out["clear"].append(f"{schema}.{table}")
    person = Subscriber.objects.get(external_id="k1").party_id
    c.execute("SELECT n.nspname FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace WHERE t.relname = 'person_key'")
    out["keys_in"] = [row[0] for row in c.fetchall()]
    c.execute("SELECT master, wrapped FROM keys.person_key WHERE person = %s", [person])
    master, wrapped = c.fetchone()
    c.execute("SELECT version, sealed FROM vault_entry WHERE person = %s AND kind = 'phone'", [person])
    version, sealed = c.fetchone()
    key = ring.unwrap(bytes(wrapped), sealing.label(person, "key"), master)
    sealed = bytes(sealed)
    out["bits"] = len(key) * 8
    out["phone"] = AESGCM(key).decrypt(sealed[:12], sealed[12:], sealing.label(person, "phone", version)).decode()
    c.execute("SELECT count(*), sum(total) FROM billing_invoice")
    out["invoices"], total = c.fetchone()
    out["total"] = int(total)
print("LOOK" + json.dumps(out))
"""
TAMPER = """
from django.db import connection
with connection.cursor() as c:
    c.execute("ALTER TABLE kernel_auditrecord DISABLE TRIGGER USER")
    c.execute("UPDATE kernel_auditrecord SET actor_name = 'somebody else' WHERE id = (SELECT min(id) FROM kernel_auditrecord)")
    c.execute("ALTER TABLE kernel_auditrecord ENABLE TRIGGER USER")
"""


def said(told: subprocess.CompletedProcess[str]) -> dict[str, object]:
    assert told.stdout.strip(), told.stderr
    return dict(json.loads(told.stdout))


@pytest.mark.capability("PRO-10")
def test_personal_data_are_sealed_apart_backed_up_and_watched(home: Path, tmp_path: Path) -> None:
    with Server(home).used():  # kept running for all the commands
        walk(home, tmp_path)


def walk(home: Path, tmp_path: Path) -> None:
    people, mapping, place = tmp_path / "people.csv", tmp_path / "map.toml", home / "backups"
    people.write_text(f"id,start,name,phone,email\nk1,2026-08-01,{NAME},{PHONE},{EMAIL}\n")
    mapping.write_text(MAPPING)
    taken = call("import", "subscribers", str(people), "--mapping", str(mapping), home=home)
    assert taken.returncode == 0, taken.stderr
    billed = call("bill", "run", "--service", "naru-video", "--period", "2026-08", home=home)
    assert billed.returncode == 0, billed.stderr

    canaries = [NAME, PHONE, PHONE.replace("-", ""), EMAIL]
    out = inside(home, f"CANARIES = {canaries!r}\n{LOOK}")
    found = json.loads(out[out.index("LOOK") + 4 :])
    assert found["clear"] == [] and found["tables"] > 60, "no table of the house holds the person in the clear"
    assert (found["bits"], found["phone"]) == (256, PHONE.replace("-", "")), "one key of 256 bits a person opens it, and nothing else"
    assert found["keys_in"] == ["keys"], "the wrapped keys stand in a schema of their own"
    assert (found["invoices"], found["total"]) == (1, 9900), "bills stand apart from people and are whole"

    sealed = call("audit", "seal", home=home)
    assert sealed.returncode == 0, sealed.stderr
    head = said(call("audit", "head", "--json", home=home))
    made = call("backup", "--to", str(place), "--json", home=home)
    assert made.returncode == 0, made.stderr
    kinds = {one["kind"]: Path(one["path"]) for one in json.loads(made.stdout)["made"]}
    assert set(kinds) == {"full", "keys"} and kinds["full"] != kinds["keys"]
    for file in (p for p in place.rglob("*") if p.is_file()):
        assert not any(c.encode() in file.read_bytes() for c in canaries), file
    assert len(str(head["hash"])) == 64 and int(str(head["last"])) > 0

    good = call("audit", "verify", "--json", home=home)
    assert good.returncode == 0 and said(good)["good"]
    checked = call("integrity", "--json", home=home)
    assert checked.returncode == 0 and said(checked)["state"] == "good"
    inside(home, TAMPER)
    bad = call("audit", "verify", "--json", home=home)
    faulty = said(bad)
    assert bad.returncode == 1 and [f["kind"] for f in faulty["faults"]] == ["changed"], faulty  # type: ignore[attr-defined]
