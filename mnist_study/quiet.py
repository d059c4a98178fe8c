"""What libraries write when they start, sent away; errors are raised all the same."""

import contextlib
import os
import sys


@contextlib.contextmanager
def quiet():
    """Send what libraries write to the process's standard error away while the block runs."""
    try:
        sys.stderr.flush()
        kept = os.dup(2)
    except OSError:  # a process without standard error has nothing to silence
        yield
        return
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
