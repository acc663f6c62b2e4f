from django.apps import AppConfig


class SubscribersConfig(AppConfig):
    name = "numaru.domains.subscribers"
    label = "subscribers"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.domains.subscribers import api, audiences, indicators, permissions, retention
        from numaru.domains.subscribers.web import answers, finders, rooms, today, told
