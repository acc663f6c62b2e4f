from django.apps import AppConfig


class BackupConfig(AppConfig):
    name = "numaru.kernel.backup"
    label = "backup"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.kernel.backup import checks, health, policies, runs, steps
