from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "numaru.facilities.catalogue"
    label = "catalogue"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.facilities.catalogue import api, permissions
        from numaru.facilities.catalogue.web import tables
