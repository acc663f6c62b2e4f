from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "numaru.kernel.vault"
    label = "vault"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.kernel.vault import api, permissions
