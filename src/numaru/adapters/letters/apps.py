from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "numaru.adapters.letters"
    label = "letters"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.adapters.letters import permissions, policies, retention
