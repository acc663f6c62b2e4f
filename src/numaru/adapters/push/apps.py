from django.apps import AppConfig


class PushConfig(AppConfig):
    name = "numaru.adapters.push"
    label = "push"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.adapters.push import permissions, policies, retention
