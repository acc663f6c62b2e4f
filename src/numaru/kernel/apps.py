from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "numaru.kernel"
    label = "kernel"

    def ready(self) -> None:
        from django.utils.translation import get_language

        from numaru.values import text

        text.follow(lambda: get_language() or "ko")
