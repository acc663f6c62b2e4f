from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "numaru.facilities.messaging"
    label = "messaging"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.facilities.messaging import api, happenings, jobs, law, permissions, retention, suppressing, wording
        from numaru.facilities.messaging.web import finders
