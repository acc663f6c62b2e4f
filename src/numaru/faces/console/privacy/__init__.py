"""Privacy in the console: what is kept, destroyed, opened and asked for."""
