"""Naru Video for the tests of the timeline."""

from tests.domains.billing.conftest import naru, own_home  # noqa: F401
