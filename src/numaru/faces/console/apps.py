from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "numaru.faces.console"
    label = "console"

    def ready(self) -> None:
        """Load what the console puts into registers."""
        from numaru.faces.console.access import rooms as access
        from numaru.faces.console.account import rooms as account
        from numaru.faces.console.approvals import rooms as approvals
        from numaru.faces.console.audit import rooms as audit
        from numaru.faces.console.backups import rooms as backups
        from numaru.faces.console.imports import rooms as shared
        from numaru.faces.console.leaks import rooms as leaks
        from numaru.faces.console.order import arrange
        from numaru.faces.console.policies import rooms as policies
        from numaru.faces.console.privacy.openings import rooms as openings
        from numaru.faces.console.privacy.retention import rooms as retention
        from numaru.faces.console.system import rooms as system

        arrange(shared.ROOM)
