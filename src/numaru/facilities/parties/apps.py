from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "numaru.facilities.parties"
    label = "parties"
