"""The door of tallies."""

from numaru.kernel.tallies.counting import Counted, Read, counts, due, read, recount, recount_soon

__all__ = ["Counted", "Read", "counts", "due", "read", "recount", "recount_soon"]
