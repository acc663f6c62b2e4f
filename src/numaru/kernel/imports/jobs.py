"""Jobs of imports: running one. What strangers' files said is forgotten by the nightly walk of retention."""

from __future__ import annotations

from numaru.kernel.imports.models import ImportRun
from numaru.kernel.imports.runs import WORK, execute
from numaru.kernel.jobs import job, resumable


@job(queue="bulk", name="imports.run")
def run_import(number: str) -> None:
    """Do one import; done already means nothing happens."""
    execute(number)


def resume(number: str) -> object:
    """Queue a run again whose worker died or that was paused."""
    service = ImportRun.objects.values_list("service_slug", flat=True).get(number=number)
    return run_import.configure(lock=f"import:{service}").defer(number=number)


resumable.add(WORK, resume)
