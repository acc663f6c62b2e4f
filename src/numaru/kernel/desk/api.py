"""The door of the desk."""

from numaru.kernel.desk.acts import BulkAct, Target, acts, acts_of
from numaru.kernel.desk.bulk import INLINE, MOST, WORK, begin, carry_out, counts, drop
from numaru.kernel.desk.downloads import ListWriter, fetch, order
from numaru.kernel.desk.models import BulkRow, BulkRun, Download
from numaru.kernel.desk.permissions import DOWNLOAD_LONG
from numaru.kernel.desk.reads import KeptView, as_text, bulk_run, bulk_runs, columns_of, download, downloads, dropped, on_desk, stalled
from numaru.kernel.desk.views import arrange, change_view, drop_view, restore_view, save_view

__all__ = [
    "DOWNLOAD_LONG", "INLINE", "MOST", "WORK", "BulkAct", "BulkRow", "BulkRun", "Download", "KeptView", "ListWriter", "Target", "acts", "acts_of",
    "arrange", "as_text", "begin", "bulk_run", "bulk_runs", "carry_out", "change_view", "columns_of", "counts", "download", "downloads", "drop",
    "drop_view", "dropped", "fetch", "on_desk", "order", "restore_view", "save_view", "stalled",
]  # fmt: skip
