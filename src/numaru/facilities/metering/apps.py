from django.apps import AppConfig


class MeteringConfig(AppConfig):
    name = "numaru.facilities.metering"
    label = "metering"
