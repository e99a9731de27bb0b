"""`python -m polylsp` is `polylsp`."""

import sys

from polylsp.cli.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
