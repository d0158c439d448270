"""How this process takes memory from the system and gives it back."""

from __future__ import annotations

import ctypes

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3
"""Parameters of glibc's mallopt (malloc.h)."""
_PIECE = 32 * 1024 * 1024


def keep() -> None:
    """Take memory in large pieces, and keep what was given: for a process that evaluates slice after slice, and then ends.

    Slices come and go in pieces of the same few sizes. Handed back each time, they have to be mapped and cleared again for
    the next one, by every thread at once, which costs a tenth of the whole time. What is in use at its height stays the same.
    Does nothing where the C library is not glibc.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    for parameter, value in ((_TRIM_THRESHOLD, 2**31 - 1), (_MMAP_THRESHOLD, _PIECE), (_TOP_PAD, _PIECE)):
        mallopt(parameter, value)
