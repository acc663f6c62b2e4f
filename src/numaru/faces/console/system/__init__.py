"""The state of the house, part by part, for those who run it."""
