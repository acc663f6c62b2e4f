"""Every field of every table of ours says what it holds about a person (MODEL §7)."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model

from numaru.kernel.declare import Holds

MODELS = [m for m in apps.get_models(include_auto_created=True) if m.__module__.startswith("numaru.")]


HASHES = "audit"  # its bytes are SHA-256 of records in which nothing personal stands
HASHED = {"messaging.Message.digest"}  # SHA-256 of what was sent, destroyed with the message


def concrete(model: type[Model]) -> set[str]:
    return {f.name for f in model._meta.get_fields(include_hidden=True) if getattr(f, "concrete", False) or f.name == "pk"}


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label)
def test_every_field_is_declared_and_nothing_else(model: type[Model]) -> None:
    declared: dict[str, Holds] = getattr(model, "declared", {})
    assert "declared" in vars(model), "a table says itself what it holds; it does not inherit it"
    assert set(declared) == concrete(model)
    assert all(isinstance(holds, Holds) for holds in declared.values())


def test_the_tables_of_all_rooms_are_walked() -> None:
    assert {"kernel", "imports", "metering", "parties", "catalogue", "subscribers", "billing"} <= {m._meta.app_label for m in MODELS}


def test_only_bytes_are_sealed_and_only_masked_forms_look_like_people() -> None:
    for model in MODELS:
        for name, holds in model.declared.items():  # type: ignore[attr-defined]
            field = model._meta.get_field(name)
            if holds is Holds.TEXT and field.get_internal_type() != "BinaryField":
                readme = Path(inspect.getfile(model)).with_name("README.md").read_text(encoding="utf-8")
                assert f"{model.__name__}.{name}" in readme, f"{model._meta.label}.{name} is free text in the clear, and no README says why"
            if holds is Holds.VAULT:
                assert field.get_internal_type() == "BinaryField", f"{model._meta.label}.{name}"
            if (
                field.get_internal_type() == "BinaryField"
                and model._meta.app_label != HASHES
                and f"{model._meta.label}.{name}" not in HASHED
            ):
                assert holds in (Holds.VAULT, Holds.TEXT), f"{model._meta.label}.{name}"
            if name.endswith("_masked"):
                assert holds is Holds.MASKED
