from django.apps import AppConfig


class TextConfig(AppConfig):
    name = "numaru.adapters.text"
    label = "text"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.adapters.text import retention
