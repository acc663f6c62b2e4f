"""Destruction in the console: the log, one destruction with its certificate, and asking for one."""
