from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "numaru.kernel.audit"
    label = "audit"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.kernel.audit import api, integrity
