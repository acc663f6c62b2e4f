from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "numaru.faces.console"
    label = "console"

    def ready(self) -> None:
        """Load what the console puts into registers."""
        from numaru.faces.console import clocks, indicators, messages, work
        from numaru.faces.console.access import finders as find_access
        from numaru.faces.console.access import rooms as access
        from numaru.faces.console.account import rooms as account
        from numaru.faces.console.approvals import finders as find_approvals
        from numaru.faces.console.approvals import rooms as approvals
        from numaru.faces.console.audit import finders as find_audit
        from numaru.faces.console.audit import listing as audit_lists
        from numaru.faces.console.audit import rooms as audit
        from numaru.faces.console.backups import rooms as backups
        from numaru.faces.console.consents import rooms as consents
        from numaru.faces.console.desk import finders as find_desk
        from numaru.faces.console.desk import rooms as desk
        from numaru.faces.console.find import acts
        from numaru.faces.console.gallery import rooms as gallery
        from numaru.faces.console.help import finders as find_manual
        from numaru.faces.console.help import rooms as manual
        from numaru.faces.console.imports import finders as find_imports
        from numaru.faces.console.imports import rooms as shared
        from numaru.faces.console.leaks import finders as find_leaks
        from numaru.faces.console.leaks import rooms as leaks
        from numaru.faces.console.letters import rooms as letters
        from numaru.faces.console.order import arrange
        from numaru.faces.console.policies import finders as find_policies
        from numaru.faces.console.policies import rooms as policies
        from numaru.faces.console.privacy import finders as find_privacy
        from numaru.faces.console.privacy.openings import rooms as openings
        from numaru.faces.console.privacy.retention import rooms as retention
        from numaru.faces.console.records import finders as find_records
        from numaru.faces.console.records import rooms as records
        from numaru.faces.console.system import rooms as system
        from numaru.faces.console.today import finders
        from numaru.faces.console.today import rooms as first

        arrange(shared.ROOM)
