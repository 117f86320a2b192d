"""Every small example runs as it says it does (the demo has tests of its own)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"


def test_the_asynchronous_host_captures_at_once_and_hears_of_each():
    done = subprocess.run(
        [sys.executable, EXAMPLES / "async_host.py"], check=True, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.strip() == "20 leads came in at once, and each was heard of"
