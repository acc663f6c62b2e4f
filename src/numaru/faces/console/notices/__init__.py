"""Notices in the console: the bell of the top bar, its menu, and the page of everything one was told."""
