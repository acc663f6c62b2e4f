from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "numaru.kernel.policies"
    label = "policies"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.kernel.policies import changes, handlers
