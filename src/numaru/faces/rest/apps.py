from django.apps import AppConfig


class RestConfig(AppConfig):
    name = "numaru.faces.rest"
    label = "rest"
