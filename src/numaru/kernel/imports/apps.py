from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "numaru.kernel.imports"
    label = "imports"
