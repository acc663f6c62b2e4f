from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "numaru.facilities.work"
    label = "work"

    def ready(self) -> None:
        """Load what this package puts into registers."""
        from numaru.facilities.work import api, handlers, happenings, jobs, permissions, retention
        from numaru.facilities.work.web import bulk_tasks, finders, listing, process_list, told, waiting
