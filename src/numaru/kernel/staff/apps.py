from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "numaru.kernel.staff"
    label = "staff"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.kernel.staff import clients, grants, leaving, people, policies, reviews
