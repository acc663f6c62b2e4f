"""Backups in the console: how they stand, what was checked, and taking note of a restored house."""
