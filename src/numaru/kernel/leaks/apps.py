from django.apps import AppConfig


class LeaksConfig(AppConfig):
    name = "numaru.kernel.leaks"
    label = "leaks"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.kernel.leaks import affected, cases, drafts, duties, handlers, leaving, policies, retention, sending
