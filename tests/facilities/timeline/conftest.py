"""Naru Video, a kind of clock and people of several roles for the tests of the timeline."""

from tests.domains.billing.conftest import naru, own_home  # noqa: F401
from tests.facilities.clocks.conftest import kind, office  # noqa: F401
from tests.facilities.work.conftest import hire  # noqa: F401
