"""What each model field holds about a person. A test fails on a field of ours that is not declared (MODEL §7)."""

from __future__ import annotations

from enum import StrEnum


class Holds(StrEnum):
    PLAIN = "plain"  # nothing about a person
    PSEUDONYMOUS = "pseudonymous"  # points at a person only together with another table
    MASKED = "masked"  # the form that lists may show
    VAULT = "vault"  # sealed; opened only with a purpose
    TEXT = "text"  # free text; sealed unless the README of the room gives the reason


def plain(names: str) -> dict[str, Holds]:
    return dict.fromkeys(names.split(), Holds.PLAIN)


def pseudonymous(names: str) -> dict[str, Holds]:
    return dict.fromkeys(names.split(), Holds.PSEUDONYMOUS)


def masked(names: str) -> dict[str, Holds]:
    return dict.fromkeys(names.split(), Holds.MASKED)


def text(names: str) -> dict[str, Holds]:
    """Free text that people write: sealed at rest (:class:`numaru.kernel.vault.text.SealedTextField`)."""
    return dict.fromkeys(names.split(), Holds.TEXT)


def vault(names: str) -> dict[str, Holds]:
    return dict.fromkeys(names.split(), Holds.VAULT)
