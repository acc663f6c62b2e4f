"""Names of roles in pages."""

from __future__ import annotations

from django import template

from numaru.kernel.access import ROLES
from numaru.values.text import Text

register = template.Library()


@register.simple_tag
def role_name(role: str) -> Text | str:
    """A role in the reader's language; its key for one that the house no longer has."""
    return ROLES.get(role, role)
