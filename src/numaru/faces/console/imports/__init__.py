"""Imports in the console: the list, a new one, and the page of one."""
