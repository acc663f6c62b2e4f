from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "numaru.faces.console"
    label = "console"
