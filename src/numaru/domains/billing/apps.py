from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "numaru.domains.billing"
    label = "billing"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.domains.billing import api, enclosures, handlers, happenings, indicators, integrity, permissions, policies, retention
        from numaru.domains.billing.actions import import_subscribers, import_usage
        from numaru.domains.billing.web import answers, billed, bulk_record, finders, invoice_views, journeys, rooms, run_views, today, told
