"""Naru Video, billed, for the tests of indicators."""

from tests.screens import naru, shared, sign_in  # noqa: F401
