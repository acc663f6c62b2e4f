from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "numaru.kernel.retention"
    label = "retention"

    def ready(self) -> None:
        """Load what this package and the kernel's other packages put into the register of retention classes."""
        from numaru.kernel.imports import retention
        from numaru.kernel.retention import destruction, holds, house, integrity, packages, replaying, requests, runs
