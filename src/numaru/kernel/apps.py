from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "numaru.kernel"
    label = "kernel"

    def ready(self) -> None:
        from django.utils.translation import get_language

        from numaru.values import text

        from numaru.kernel import actions_access  # noqa: F401  its permissions

        text.follow(lambda: get_language() or "ko")
