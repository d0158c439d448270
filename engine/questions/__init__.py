"""What to ask next, and when asking is over: the question planner.

>>> from datetime import date
>>> from engine import load_pack
>>> from engine.compiler import compile_pack
>>> from engine.profile import profile_of
>>> from engine.questions import Questionnaire
>>> pack = load_pack()
>>> profile = profile_of({"registered_division": "大兴区"}, pack.vocabulary, pack.tables)
>>> Questionnaire(compile_pack(pack), profile, date(2026, 11, 22)).next().key
'applicant_kinds'
"""

from engine.questions.questionnaire import Progress, Question, Questionnaire, Remaining, Settled, prepare

__all__ = ["Progress", "Question", "Questionnaire", "Remaining", "Settled", "prepare"]
