from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "numaru.kernel.imports"
    label = "imports"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.kernel.imports import integrity
