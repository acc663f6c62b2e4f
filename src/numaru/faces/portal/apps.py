from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "numaru.faces.portal"
    label = "portal"
