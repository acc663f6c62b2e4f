"""A house with people, usage and bills is backed up and put back elsewhere by the commands that a person types, and everything that can be
wrong with a backup is said before anything is touched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.config.running import call, environment
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

MAKE = """
from tests.domains.billing import world
made = world.company()
world.used(made)
made.bill("2026-08")
"""
# what a house holds, in figures that two houses can be compared by
FACTS = """
import json
from django.db import connection
from numaru.domains.billing.models import Invoice, Line, Transfer
from numaru.domains.subscribers.models import Subscriber
from numaru.facilities.metering import api as metering
from numaru.kernel import duck
from numaru.kernel.access import Actor
from numaru.kernel.models import AuditRecord
from numaru.kernel.vault import api as vault
from django.conf import settings
from numaru.facilities.metering.models import UsageFile

def opened(person):
    try:
        return vault.open_value(Actor.system("test"), person, "phone", "restore test")
    except Exception as error:
        return type(error).__name__

with connection.cursor() as cursor:
    cursor.execute("SELECT * FROM billing_invoice ORDER BY run_id, ordinal")
    invoices = [[str(v) for v in row] for row in cursor.fetchall()]
    cursor.execute("SELECT count(*), sum(amount) FROM billing_transfer")
    transfers = [str(v) for v in cursor.fetchone()]
with duck.connection() as con:
    paths = [str(settings.HOME / p) for p in UsageFile.objects.values_list("path", flat=True)]
    usage = con.execute("SELECT count(*), sum(quantity) FROM read_parquet(" + str(paths) + ")").fetchone()
print("FACTS" + json.dumps({
    "invoices": invoices, "transfers": transfers, "usage": [str(v) for v in usage],
    "people": Subscriber.objects.count(), "audit": AuditRecord.objects.exclude(object__startswith="backup.").count(),
    "phone": opened(Subscriber.objects.get(external_id="haneul").party_id),
}))
"""


def inside(home: Path, script: str, **more: str) -> str:
    """Run a script in the world of a house."""
    code = f"import os, pathlib\nfrom numaru.config import world as w\nwith w.of(pathlib.Path(os.environ['NUMARU_HOME'])):\n    exec({script!r})\n"
    told = subprocess.run(
        [sys.executable, "-P", "-c", code], env=environment(home, PYTHONPATH=f"{ROOT / 'src'}:{ROOT}", **more), cwd=ROOT, capture_output=True,
        text=True, check=False, timeout=120,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    return told.stdout


def facts(home: Path, **more: str) -> dict[str, Any]:
    out = inside(home, FACTS, **more)
    found: dict[str, Any] = json.loads(out[out.index("FACTS") + 5 :])
    return found


@dataclass
class Origin:
    """The house that was backed up, where its backups are, what it held."""

    home: Path
    place: Path
    full: Path
    keys: Path
    facts: dict[str, Any]

    @property
    def identity(self) -> Path:
        return self.home / "keys" / "backup-identity"


def newest(place: Path, prefix: str) -> Path:
    return max((p for p in place.iterdir() if p.name.startswith(prefix)), key=lambda p: p.name)


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    base = Path(tempfile.mkdtemp(prefix="numaru-o-", dir="/tmp"))
    base.chmod(0o755)
    home, place = base / "home", base / "backups"
    home.mkdir(mode=0o755)
    inside(home, MAKE)
    assert json.loads(call("audit", "seal", "--json", home=home).stdout)["sealed"] > 0
    told = call("backup", "--to", str(place), "--json", home=home)
    assert told.returncode == 0, told.stderr
    assert "Keep a copy somewhere else" in told.stderr  # the identity was made just now
    made = {one["kind"]: one for one in json.loads(told.stdout)["made"]}
    assert {one["verified"] for one in made.values()} == {"opened"}
    yield Origin(home, place, Path(made["full"]["path"]), Path(made["keys"]["path"]), facts(home))
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def elsewhere(home: Path, origin: Origin) -> Path:
    """An empty home that has the master key, which travels apart from backups."""
    (home / "keys").mkdir()
    shutil.copy(origin.home / "keys" / "master", home / "keys" / "master")
    return home


def restore(origin: Origin, home: Path, *words: str, source: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    return call("restore", str(source or origin.full), "--into", str(home), "--identity", str(origin.identity), *words, home=home, **more)


def spoiled(origin: Origin, tmp_path: Path, which: str = "full") -> Path:
    """A copy of the backups to damage; returns the folder of the full or keys one."""
    shutil.copytree(origin.place, tmp_path / "copy")
    return tmp_path / "copy" / getattr(origin, which).name


def untouched(home: Path) -> bool:
    return {p.name for p in home.iterdir()} <= {"keys", "log", "locks"}


def test_a_house_is_put_back_elsewhere_and_holds_what_it_held(origin: Origin, elsewhere: Path) -> None:
    told = restore(origin, elsewhere)
    assert told.returncode == 0, told.stderr
    assert "Restored" in told.stdout and "Take note" not in told.stderr
    assert facts(elsewhere) == origin.facts
    assert origin.facts["phone"] == "01012342201" and len(origin.facts["invoices"]) == 4
    sealed = call(
        "audit", "seal", "--json", home=elsewhere
    )  # the chain goes on where the backup noted its head, without a word of a person
    assert sealed.returncode == 0 and json.loads(sealed.stdout)["sealed"] > 0, sealed.stderr
    chain = call("audit", "verify", "--json", home=elsewhere)
    assert chain.returncode == 0 and json.loads(chain.stdout)["accepted"] == 0, chain.stdout
    checked = call("integrity", "--json", home=elsewhere)
    said = json.loads(checked.stdout)
    assert checked.returncode == 0 and said["state"] == "good"
    looked = {c["key"]: c["looked"] for c in said["checks"]}
    assert looked["billing.runs"] == 1 and looked["metering.files"] > 0
    assert (elsewhere / "restored.json").exists()  # until somebody takes note


def test_nothing_in_a_backup_can_be_read_without_the_identity(origin: Origin) -> None:
    """The folder gives away no name, no number and no key of the house."""
    master = (origin.home / "keys" / "master").read_text().strip()
    for path in origin.place.rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            for secret in ("김하늘", "01012342201", "010-1234-2201", "haneul", "naru-video", master):
                assert secret.encode() not in held, (path, secret)
            assert path.suffix == ".json" or held.startswith(b"age-encryption.org/v1\n"), path


def test_another_identity_opens_nothing_and_touches_nothing(origin: Origin, elsewhere: Path, tmp_path: Path) -> None:
    from pyrage import x25519

    other = tmp_path / "other"
    other.write_text(f"# created\n{x25519.Identity.generate()}\n")
    told = call("restore", str(origin.full), "--into", str(elsewhere), "--identity", str(other), home=elsewhere)
    assert told.returncode == 1 and "This identity does not open the backup" in told.stderr and "Traceback" not in told.stderr
    none = call("restore", str(origin.full), "--into", str(elsewhere), home=elsewhere)
    assert none.returncode == 1 and "There is no identity" in none.stderr
    assert untouched(elsewhere)


@pytest.mark.parametrize("which", ["full", "keys"])
def test_one_changed_byte_is_named_and_nothing_is_restored(origin: Origin, elsewhere: Path, tmp_path: Path, which: str) -> None:
    source = spoiled(origin, tmp_path, which)
    full = tmp_path / "copy" / origin.full.name
    for part in sorted(source.glob("*.age")):
        held = part.read_bytes()
        changed = bytearray(held)
        changed[len(changed) // 2] ^= 1
        part.write_bytes(changed)
        told = restore(origin, elsewhere, source=full)
        assert told.returncode == 1 and f"“{part.name}” of the backup is damaged" in told.stderr, told.stderr
        assert untouched(elsewhere)
        part.write_bytes(held)


def test_a_part_cut_short_or_gone_is_named(origin: Origin, elsewhere: Path, tmp_path: Path) -> None:
    source = spoiled(origin, tmp_path)
    part = source / "usage.tar.age"
    held = part.read_bytes()
    part.write_bytes(held[:-100])
    cut = restore(origin, elsewhere, source=source)
    assert cut.returncode == 1 and "“usage.tar.age” of the backup is cut short" in cut.stderr
    part.unlink()
    gone = restore(origin, elsewhere, source=source)
    assert gone.returncode == 1 and "“usage.tar.age” of the backup is missing" in gone.stderr
    (source / "manifest.json").unlink()
    assert restore(origin, elsewhere, source=source).returncode == 1
    assert untouched(elsewhere)


def test_a_forged_part_with_a_fitting_manifest_is_still_found(origin: Origin, elsewhere: Path, tmp_path: Path) -> None:
    """Whoever can write the folder can mend the manifest; what was sealed into the contents does not fit then."""
    source = spoiled(origin, tmp_path)
    part, told = source / "usage.tar.age", json.loads((source / "manifest.json").read_text())
    other = source / "runs.tar.age"
    part.write_bytes(other.read_bytes())
    told["parts"]["usage.tar.age"] = told["parts"]["runs.tar.age"]
    (source / "manifest.json").write_text(json.dumps(told))
    found = restore(origin, elsewhere, source=source)
    assert found.returncode == 1 and "“usage.tar.age” of the backup is not what was put in" in found.stderr
    closed = call("integrity", home=elsewhere)
    assert closed.returncode == 1 and "has not finished" in closed.stderr  # half a house does not open
    assert restore(origin, elsewhere).returncode == 0  # and the same place can be tried again
    assert facts(elsewhere) == origin.facts


def test_without_the_keys_the_house_opens_and_says_that_people_cannot_be_read(origin: Origin, elsewhere: Path) -> None:
    told = restore(origin, elsewhere, "--without-keys")
    assert told.returncode == 0
    assert "The wrapped keys are missing" in told.stderr
    held = facts(elsewhere)
    assert held["phone"] != origin.facts["phone"]
    assert {**held, "phone": ""} == {**origin.facts, "phone": ""}


def test_without_the_master_key_that_is_said(origin: Origin, home: Path) -> None:
    told = restore(origin, home)
    assert told.returncode == 0 and "The master key" in told.stderr and "is missing" in told.stderr


def test_whoever_was_destroyed_after_the_backup_is_not_brought_back(origin: Origin, elsewhere: Path, tmp_path: Path) -> None:
    """The newest backup of keys stands for who is alive, whatever the age of the rest."""
    place = tmp_path / "copy"
    first = restore(origin, elsewhere)
    assert first.returncode == 0
    shutil.copy(origin.identity, elsewhere / "keys" / "backup-identity")
    shutil.copytree(origin.place, place)
    gone = """
from django.db import connection
from numaru.domains.subscribers.models import Subscriber
with connection.cursor() as cursor:
    cursor.execute("DELETE FROM keys.person_key WHERE person = %s", [Subscriber.objects.get(external_id="haneul").party_id])
"""
    inside(elsewhere, gone)
    time.sleep(1.1)  # names of backups count seconds
    assert call("backup", "--keys", "--to", str(place), home=elsewhere).returncode == 0
    base = Path(tempfile.mkdtemp(prefix="numaru-d-", dir="/tmp"))
    base.chmod(0o755)
    try:
        (base / "keys").mkdir()
        shutil.copy(origin.home / "keys" / "master", base / "keys" / "master")
        told = restore(origin, base, source=place / origin.full.name)
        assert told.returncode == 0, told.stderr
        held = facts(base)
        assert held["phone"] is None and held["invoices"] == origin.facts["invoices"]
    finally:
        shutil.rmtree(base, ignore_errors=True)


DESTROY = """
from numaru.domains.subscribers.models import Subscriber
from numaru.kernel.access import Actor
from numaru.kernel.retention import api as retention
print(retention.destroy_person.do(Actor.system("test"), person=Subscriber.objects.get(external_id="gyeoul").party_id, reason="goodbye"))
"""
NAMED = """
from numaru.domains.subscribers.models import Subscriber
from numaru.kernel.access import Actor
from numaru.kernel.vault import api as vault
print("NAME", vault.open_value(Actor.system("test"), Subscriber.objects.get(external_id="gyeoul").party_id, "name", "restore test"))
"""


def test_destructions_are_replayed_from_the_old_homes_list(origin: Origin, elsewhere: Path, tmp_path: Path) -> None:
    """The keys of the backup still open the person; the journal of the destroyed, which outlived the old database, does not let them."""
    assert restore(origin, elsewhere).returncode == 0
    assert "NAME 한겨울" in inside(elsewhere, NAMED)
    inside(elsewhere, DESTROY)
    base = Path(tempfile.mkdtemp(prefix="numaru-d-", dir="/tmp"))
    base.chmod(0o755)
    try:
        (base / "keys").mkdir()
        shutil.copy(origin.home / "keys" / "master", base / "keys" / "master")
        told = restore(origin, base, "--destroyed", str(elsewhere / "destroyed"))
        assert told.returncode == 0, told.stderr
        assert "1 destructions made after the backup were done again" in told.stderr
        assert "NAME None" in inside(base, NAMED)
        assert facts(base)["phone"] == origin.facts["phone"]  # nobody else
    finally:
        shutil.rmtree(base, ignore_errors=True)


def test_a_home_with_data_is_refused_and_stays_as_it_was(origin: Origin) -> None:
    told = call("restore", str(origin.full), "--into", str(origin.home), home=origin.home)
    assert told.returncode == 1 and "There are data in" in told.stderr and "empty folder" in told.stderr
    assert facts(origin.home) == origin.facts
    assert not (origin.home / "restoring").exists()


def test_it_can_be_put_into_another_server_but_only_into_an_empty_database(origin: Origin, elsewhere: Path) -> None:
    address = os.environ["DATABASE_URL"]
    name = f"restore_{os.getpid()}"
    with psycopg.connect(address, autocommit=True) as con:
        if con.info.server_version // 10000 < 18:
            pytest.skip("the backup is of a newer PostgreSQL than this server")
        con.execute(f"CREATE DATABASE {name}")
    try:
        url = psycopg.conninfo.make_conninfo(address, dbname=name)
        told = restore(origin, elsewhere, DATABASE_URL=url)
        assert told.returncode == 0, told.stderr
        assert facts(elsewhere, DATABASE_URL=url) == origin.facts
        again = Path(tempfile.mkdtemp(dir="/tmp"))
        twice = restore(origin, again, DATABASE_URL=url)
        assert twice.returncode == 1 and "holds" in twice.stderr and "tables already" in twice.stderr
        shutil.rmtree(again)
    finally:
        with psycopg.connect(address, autocommit=True) as con:
            con.execute(f"DROP DATABASE {name} WITH (FORCE)")


# ── killed in the middle ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.kill
@pytest.mark.parametrize("where", ["backup-dumped", "backup-packed", "backup-contents", "backup-keys"])
def test_a_killed_backup_leaves_nothing_that_looks_whole(origin: Origin, tmp_path: Path, where: str) -> None:
    place = tmp_path / "b"
    told = call("backup", "--to", str(place), home=origin.home, NUMARU_KILL=f"{where}:1")
    assert told.returncode == -9
    whole = [p for p in place.iterdir() if not p.name.startswith(".")]
    assert len(whole) == (1 if where == "backup-keys" else 0)  # the full one had its name already
    listed = json.loads(call("backup", "list", "--to", str(place), "--json", home=origin.home).stdout)
    assert [one["name"] for one in listed] == [p.name for p in whole]
    assert call("backup", "--to", str(place), home=origin.home).returncode == 0
    assert call("backup", "check", "--to", str(place), home=origin.home).returncode == 0


@pytest.mark.kill
@pytest.mark.parametrize("where", ["restore-database", "restore-folders"])
def test_a_killed_restore_stays_closed_and_can_be_done_again(origin: Origin, elsewhere: Path, where: str) -> None:
    assert restore(origin, elsewhere, NUMARU_KILL=f"{where}:1").returncode == -9
    closed = call("backup", "list", "--to", str(origin.place), home=elsewhere)
    assert closed.returncode == 1 and "has not finished" in closed.stderr
    assert restore(origin, elsewhere).returncode == 0
    assert facts(elsewhere) == origin.facts


# ── points in time ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_embedded_house_goes_back_to_a_moment(home: Path) -> None:
    """Written, noted the time, destroyed, and put back as it was at that time: rows, files and all."""
    archive, into = home / "a", home / "there"
    house = home / "house"
    for folder in (house, into):
        folder.mkdir(mode=0o755)
    more = {"NUMARU_ARCHIVE": str(archive)}
    inside(house, MAKE, **more)
    told = call("backup", "--base", "--json", home=house, **more)
    assert told.returncode == 0, told.stderr
    inside(house, "from tests.domains.billing import world\nworld.World('naru-video', {}).bill('2026-09')", **more)
    held = facts(house, **more)
    time.sleep(0.5)
    moment = datetime.now(UTC)
    time.sleep(0.5)
    wreck = "from django.db import connection\nwith connection.cursor() as c:\n    c.execute('DROP TABLE billing_invoice CASCADE; DELETE FROM keys.person_key')"
    inside(house, wreck, **more)
    assert call("backup", "ship", home=house, **more).returncode == 0
    (into / "keys").mkdir()
    shutil.copy(house / "keys" / "master", into / "keys" / "master")
    identity = house / "keys" / "backup-identity"
    words = ("restore", str(archive), "--into", str(into), "--identity", str(identity), "--to-time")
    back = call(*words, moment.isoformat(), home=into)
    assert back.returncode == 0, back.stderr + back.stdout
    assert facts(into) == held
    empty = home / "later"
    empty.mkdir(mode=0o755)
    late = call(*words[:3], str(empty), *words[4:], "2099-01-01T00:00:00", home=empty)
    assert late.returncode == 1 and "does not reach that time" in late.stderr
    early = home / "early"
    early.mkdir(mode=0o755)
    before = call(*words[:3], str(early), *words[4:], "2001-01-01T00:00:00", home=early)
    assert before.returncode == 1 and "no base backup from before" in before.stderr


def test_on_another_server_the_command_says_what_to_do_instead(home: Path) -> None:
    told = call(
        "backup", "--base", "--to", str(home / "b"), home=home, DATABASE_URL=os.environ["DATABASE_URL"], NUMARU_ARCHIVE=str(home / "b")
    )
    assert told.returncode == 1 and "embedded database only" in told.stderr and "pgBackRest" in told.stderr
