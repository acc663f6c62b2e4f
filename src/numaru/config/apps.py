from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "numaru.config"
    label = "config"

    def ready(self) -> None:
        from numaru.config.wiring import wire

        wire()
