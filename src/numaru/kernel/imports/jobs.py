"""Jobs of imports: running one, and forgetting what strangers' files said."""

from __future__ import annotations

from datetime import timedelta

from procrastinate.contrib.django import app

from numaru.kernel import clock
from numaru.kernel.files import store
from numaru.kernel.imports.models import ImportFinding, ImportRun
from numaru.kernel.imports.runs import WORK, execute
from numaru.kernel.jobs import job, resumable

KEPT = timedelta(days=30)  # findings with values, and files of runs that were not applied


@job(queue="bulk", name="imports.run")
def run_import(number: str) -> None:
    """Do one import; done already means nothing happens."""
    execute(number)


def resume(number: str) -> object:
    """Queue a run again whose worker died or that was paused."""
    service = ImportRun.objects.values_list("service_slug", flat=True).get(number=number)
    return run_import.configure(lock=f"import:{service}").defer(number=number)


resumable.add(WORK, resume)


@app.periodic(cron="17 3 * * *")
@job(queue="periodic", name="imports.forget")
def forget(timestamp: int) -> None:
    """Delete source files and findings of runs that are older than 30 days, and empty the values in their first findings."""
    for run in ImportRun.objects.filter(created_at__lt=clock.now() - KEPT).exclude(file_key="", findings_key=""):
        for key in filter(None, (run.file_key, run.findings_key)):
            store().delete(key)
        ImportFinding.objects.filter(run=run).exclude(value="").update(value="")
        run.file_key = run.findings_key = ""
        run.save(update_fields=["file_key", "findings_key"])
