"""Numaru: the operations platform of a company that runs digital content services."""
