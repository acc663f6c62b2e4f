"""The audit log, the access log, what was noticed in it, and its reviews in the console."""
