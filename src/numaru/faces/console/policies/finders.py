"""Policies, for whoever searches from anywhere: by what they say, or by their key."""

from __future__ import annotations

from django.urls import reverse

from numaru.faces.console.policies import words
from numaru.faces.console.policies.rooms import NAME
from numaru.kernel.access import Actor
from numaru.kernel.policies import api as policies
from numaru.ui import search
from numaru.ui.search import Asked, Finder, Hit


def find(actor: Actor, asked: Asked, limit: int) -> list[Hit]:
    """No query: what figures there are is known to the program."""
    return [
        Hit(
            one.text,
            reverse("policies:policy", args=[key]),
            key,
            words.room(key.partition(".")[0]),
            None,
            "adjustments-horizontal",
            key == asked.text,
        )
        for key, one in policies.shipped
        if asked.finds(one.text) or key.startswith(asked.text.lower())
    ][:limit]


search.finders.add(
    "policies.policy",
    Finder(
        NAME, "adjustments-horizontal", policies.POLICY_VIEW, lambda asked: asked.is_word and len(asked.text) > 1, find,
        lambda asked: search.listed("policies:list", q=asked.text), 78,
    ),
)  # fmt: skip
