"""``python -m numaru``: the one command."""

import sys

from numaru.config.command import main

if __name__ == "__main__":
    sys.exit(main())
