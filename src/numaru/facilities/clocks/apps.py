from django.apps import AppConfig


class ClocksConfig(AppConfig):
    name = "numaru.facilities.clocks"
    label = "clocks"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.facilities.clocks import api, approvals, happenings, jobs, permissions, recount, retention
        from numaru.facilities.clocks.web import finders, today
