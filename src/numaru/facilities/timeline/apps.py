from django.apps import AppConfig


class TimelineConfig(AppConfig):
    name = "numaru.facilities.timeline"
    label = "timeline"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.facilities.timeline import api, below, jobs, permissions, retention
