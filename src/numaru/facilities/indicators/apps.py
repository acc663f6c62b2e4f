from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "numaru.facilities.indicators"
    label = "indicators"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.facilities.indicators import api, permissions, retention
        from numaru.facilities.indicators.web import finders
