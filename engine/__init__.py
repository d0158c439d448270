"""huiqi (惠企): policy incentives as declarative rules, and verdicts that explain and cite themselves.

>>> from engine import load_pack, screen
>>> screen({"registered_division": "固安县"}, load_pack()).results  # doctest: +ELLIPSIS
[...]
"""

from engine.determination import Determination
from engine.diagnostics import Finding, InputError
from engine.loader import load_pack
from engine.pack import Pack
from engine.screening import screen

__all__ = ["Determination", "Finding", "InputError", "Pack", "load_pack", "screen"]
