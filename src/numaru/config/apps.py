from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "numaru.config"
    label = "config"
