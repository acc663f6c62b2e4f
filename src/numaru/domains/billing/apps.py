from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "numaru.domains.billing"
    label = "billing"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.domains.billing import api, permissions  # noqa: F401
        from numaru.domains.billing import policies  # noqa: F401
        from numaru.domains.billing.web import rooms  # noqa: F401
