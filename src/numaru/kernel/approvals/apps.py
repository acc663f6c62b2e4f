from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "numaru.kernel.approvals"
    label = "approvals"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.kernel.approvals import handlers, requests
