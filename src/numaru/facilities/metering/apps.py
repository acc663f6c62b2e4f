from django.apps import AppConfig


class MeteringConfig(AppConfig):
    name = "numaru.facilities.metering"
    label = "metering"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.facilities.metering import integrity, retention
