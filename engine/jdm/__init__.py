"""Measures as a GoRules JDM graph (https://gorules.io), and profiles as its input.

The ZEN expression language has no unknown: a comparison with a missing value is an error. So every
expression here guards itself: a truth is true, false or null, and gates are spelled out by Kleene's logic.
What a graph cannot say exactly is refused by name.
"""

from engine.jdm.graph import Exported, export
from engine.jdm.inputs import jdm_input

__all__ = ["Exported", "export", "jdm_input"]
