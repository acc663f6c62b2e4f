from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "numaru.kernel.desk"
    label = "desk"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.kernel.desk import jobs, leaving, permissions, retention
