from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "numaru.kernel"
    label = "kernel"
