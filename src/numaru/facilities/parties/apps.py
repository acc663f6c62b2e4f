from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "numaru.facilities.parties"
    label = "parties"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.facilities.parties import api, permissions, retention
        from numaru.facilities.parties.actions import index
        from numaru.facilities.parties.consents import keeping
