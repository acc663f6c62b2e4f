from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "numaru.facilities.catalogue"
    label = "catalogue"
