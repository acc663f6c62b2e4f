from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "numaru.ui"
    label = "ui"
