from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "numaru.kernel.notices"
    label = "notices"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.kernel.notices import handlers, reading, retention
