"""Drafts of packs from official texts (.txt, .html, .docx, .pdf): clauses, figures, departments, beneficiaries.

A draft holds nothing that the text does not say: what a person has to decide is an open point (``engine.open_points``).
"""

from engine.drafting.draft import ID, Draft, draft_of
from engine.drafting.reading import Text, read_text

__all__ = ["ID", "Draft", "Text", "draft_of", "read_text"]
