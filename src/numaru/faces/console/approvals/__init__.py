"""Approvals in the console: what waits for me, what I asked for, what was decided, and the page of one request."""
