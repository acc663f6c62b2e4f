from django.apps import AppConfig


class TalliesConfig(AppConfig):
    name = "numaru.kernel.tallies"
    label = "tallies"
