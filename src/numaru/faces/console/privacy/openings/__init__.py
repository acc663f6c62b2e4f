"""Bulk openings in the console: the list, asking for one, and the page of one with its file."""
