"""Lists of enterprises as people have them: files read, columns matched to the vocabulary, slices handed on.

``open_list`` gives a ``ListSource`` (see ``engine.columns.frame``), ``inspect`` what was understood, ``write_template``
an empty workbook. Nothing here interprets an answer: a cell means what the same text means in a profile.
"""

from engine.lists.lazy import LazyList
from engine.lists.mapping import Mapping, read_mappings
from engine.lists.opening import inspect, open_list
from engine.lists.problems import NeedsMapping
from engine.lists.profiles import profile_data
from engine.lists.proposal import Proposal
from engine.lists.reread import answers_of, origin_of
from engine.lists.source import ListSource
from engine.lists.template import write_template

__all__ = [
    "LazyList",
    "ListSource",
    "Mapping",
    "NeedsMapping",
    "Proposal",
    "answers_of",
    "inspect",
    "open_list",
    "origin_of",
    "profile_data",
    "read_mappings",
    "write_template",
]
