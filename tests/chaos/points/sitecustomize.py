"""Arms a service process that is to be broken; python reads this by itself where the folder is on PYTHONPATH."""

import os

if any(os.environ.get(name) for name in ("CHAOS_KILL_AT", "CHAOS_TRACE", "CHAOS_BREAK")):
    from tests.chaos.points import faults

    faults.install(os.environ)
