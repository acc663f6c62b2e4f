from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "numaru.adapters.mail"
    label = "mail"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.adapters.mail import health, permissions, retention
