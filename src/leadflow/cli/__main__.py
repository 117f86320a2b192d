"""``python -m leadflow.cli``: the same as ``leadflow``."""

from leadflow.cli import main

main()
