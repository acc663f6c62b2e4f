"""Policies in the console: every figure with its basis, one figure with its history, and a change."""
