from django.apps import AppConfig


class SubscribersConfig(AppConfig):
    name = "numaru.domains.subscribers"
    label = "subscribers"
