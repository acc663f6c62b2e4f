from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "numaru.domains.billing"
    label = "billing"
