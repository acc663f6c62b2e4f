from django.apps import AppConfig


class MeteringConfig(AppConfig):
    name = "numaru.facilities.metering"
    label = "metering"

    def ready(self) -> None:
        from numaru.facilities.metering import jobs  # registers its tasks
