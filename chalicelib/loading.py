"""The garbage collector waits while a function loads.

What is imported stays as long as the process. Looking through it again and again while more of it
comes is a tenth of a cold start; frozen, it is not looked through in a request either. To be
imported before everything else of ours, and ended behind it.
"""

import gc

gc.disable()


def ended() -> None:
    """All is loaded: it is left alone from now on, and what comes is looked through as ever."""
    gc.freeze()
    gc.enable()
