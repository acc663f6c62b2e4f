"""The verbs of the one command, one module each. A verb is a function of the rest of the command line that returns the exit status."""
