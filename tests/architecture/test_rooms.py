"""Rooms keep their house rules: a README that tells the truth, registers with rows, declared fields, one line of migrations."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from django.db.models import CompositePrimaryKey

from numaru.config.commands.where import decided, resolve
from numaru.kernel.registers import Register, registers
from tests.architecture.source import SRC, at, rooms
from tests.conftest import ROOT

ALLOWED = {
    "README.md", "__init__.py", "apps.py", "api.py", "events.py", "errors.py", "ports.py", "models.py", "reads.py", "handlers.py", "jobs.py", "permissions.py", "retention.py",
    "rules", "actions", "web", "templates", "migrations", "static", "templatetags", "__pycache__",
}  # fmt: skip


def test_every_room_has_a_readme_that_says_where_things_are_decided() -> None:
    having = {row.file.parent for row in decided()}
    missing = [at(room) for room in rooms() if room not in having]
    assert not missing, missing


def test_what_the_readmes_name_exists() -> None:
    wrong = [f"{at(row.file, row.line)} {place}" for row in decided() for place in row.places if resolve(row, place) is None]
    assert not wrong, "\n".join(wrong)
    empty = [at(row.file, row.line) for row in decided() if not row.places]
    assert not empty, empty


def test_the_resolver_refuses_what_is_not_there(tmp_path: Path) -> None:
    package = tmp_path / "src" / "numaru" / "room"
    (package / "rules").mkdir(parents=True)
    (package / "rules" / "charges.py").write_text(
        "RATE: int = 3\n\nclass Line:\n    def total(self) -> int:\n        return 1\n\ndef proration() -> None: ...\n"
    )
    (package / "README.md").write_text("# Room\n\n| Where is X decided | |\n|---|---|\n| proration | `rules/charges.py:proration` |\n")
    (row,) = decided(tmp_path)
    found = {
        "rules/charges.py": 1,
        "rules/charges.py:proration": 7,
        "rules.charges.proration": 7,
        "rules.charges.Line.total": 4,
        "room.rules.charges.RATE": 1,
        "numaru.room.rules.charges": 1,
        "rules.charges.proration()": 7,
    }
    for place, line in found.items():
        assert resolve(row, place, tmp_path) == (package / "rules" / "charges.py", line), place
    for place in ("rules/fees.py", "rules/charges.py:fee", "rules.charges.Line.sum", "charges.proration"):
        assert resolve(row, place, tmp_path) is None, place


def test_every_register_has_rows() -> None:
    """A register is made when something is offered: an empty one is a room that forgot, or a plan that nobody needed."""
    assert registers
    empty = [name for name, register in registers.items() if isinstance(register, Register) and not len(register)]
    assert not empty, empty


def test_every_declared_permission_is_asked_for_by_an_action_or_a_page() -> None:
    from numaru.kernel.access import permissions

    text = "\n".join(p.read_text(encoding="utf-8") for p in SRC.rglob("*.py") if p.name != "permissions.py")
    for name, declared in permissions:
        constant = _constant(name)
        assert re.search(rf"[\"']{re.escape(name)}[\"']", text) or (constant and re.search(rf"\b{constant}\b", text)), (
            f"nobody asks for {name}"
        )
        assert declared.roles or declared.own, name


def _constant(name: str) -> str | None:
    """The constant that a permissions.py gives to the permission, if any."""
    for path in SRC.rglob("permissions.py"):
        found = re.search(rf"^(\w+)\s*(?::[^=]+)?=\s*permission\(\s*[\"']{re.escape(name)}[\"']", path.read_text(encoding="utf-8"), re.M)
        if found:
            return found.group(1)
    return None


def test_an_actions_permission_is_declared() -> None:
    from numaru.kernel.access import permissions
    from numaru.kernel.actions import actions

    assert len(actions)
    wrong = [f"{key}: {action.permission}" for key, action in actions if action.permission not in permissions]
    assert not wrong, wrong


def test_every_field_says_whether_it_is_personal() -> None:
    """MODEL §7: each field of each of our tables is declared, and nothing is declared that is not a field."""
    wrong: list[str] = []
    for model in apps.get_models():
        if not model.__module__.startswith("numaru."):
            continue
        declared = set(getattr(model, "declared", {}))
        fields = {field.name for field in model._meta.concrete_fields} | (
            {"pk"} if isinstance(model._meta.pk, CompositePrimaryKey) else set()
        )
        if declared != fields:
            wrong.append(f"{model._meta.label}: undeclared {sorted(fields - declared)}, no field {sorted(declared - fields)}")
    assert not wrong, "\n".join(wrong)


def test_migrations_are_one_line_and_complete(db: None) -> None:
    graph = MigrationLoader(None).graph
    for label in {key[0] for key in graph.nodes}:
        if not apps.get_app_config(label).name.startswith("numaru."):
            continue
        assert len(graph.leaf_nodes(label)) == 1, f"{label} has several last migrations"
        for key in (key for key in graph.nodes if key[0] == label):
            inside = [child.key for child in graph.node_map[key].children if child.key[0] == label]
            assert len(inside) <= 1, f"{key} has several successors"
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_migrations_are_numbered_without_gaps() -> None:
    for room in {p.parent for p in SRC.rglob("migrations/[0-9]*.py")}:
        numbers = sorted(int(p.name[:4]) for p in room.glob("[0-9]*.py"))
        assert numbers == list(range(1, len(numbers) + 1)), at(room)


# ── the glossary ─────────────────────────────────────────────────────────────────────────────────────────────────────

GLOSSARY = ROOT / "docs" / "glossary.md"


def glossary() -> dict[str, str]:
    """English term (lower case) → Korean term, from the tables of docs/glossary.md (first two cells, either language first)."""
    found: dict[str, str] = {}
    for line in GLOSSARY.read_text(encoding="utf-8").splitlines():
        cells = [c.strip(" *`") for c in line.strip().strip("|").split("|")]
        if not line.startswith("|") or len(cells) < 2 or set(cells[0]) <= set("-: "):
            continue
        korean = next((c for c in cells[:2] if re.search("[가-힣]", c)), "")
        english = next((c for c in cells[:2] if not re.search("[가-힣]", c)), "")
        if korean and english:
            assert english.lower() not in found, f"{english} stands twice"
            found[english.lower()] = korean
    return found


def test_every_noun_of_the_tables_is_in_the_glossary() -> None:
    """Each model's name is a term of the glossary, with its Korean: words are the trade's, used once."""
    assert GLOSSARY.exists(), "docs/glossary.md is missing"
    terms = glossary()
    wrong = []
    for model in apps.get_models():
        if model.__module__.startswith(("numaru.domains.", "numaru.facilities.")):
            words = re.sub(r"(?<!^)(?=[A-Z])", " ", model.__name__).lower()
            if words not in terms:
                wrong.append(f"{model._meta.label}: “{words}”")
    assert not wrong, "\n".join(wrong)


def test_a_korean_term_means_one_thing() -> None:
    assert GLOSSARY.exists(), "docs/glossary.md is missing"
    terms = glossary()
    seen: dict[str, str] = {}
    for english, korean in terms.items():
        assert korean not in seen, f"{korean}: {english} and {seen[korean]}"
        seen[korean] = english


@pytest.mark.parametrize("room", rooms(), ids=lambda p: p.name)
def test_a_rooms_name_says_what_it_holds(room: Path) -> None:
    """The parts of a room have the names of DESIGN §2, or a noun of the room that its README mentions."""
    readme = (room / "README.md").read_text(encoding="utf-8") if (room / "README.md").exists() else ""
    strange = [p.name for p in room.iterdir() if p.name not in ALLOWED and p.stem not in readme]
    assert not strange, f"{at(room)}: name them in its README.md: {strange}"
