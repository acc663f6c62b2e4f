from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "numaru.kernel.vault"
    label = "vault"
