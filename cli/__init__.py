"""The command ``huiqi``: a thin face over the engine. All words for users are Chinese."""

__version__ = "0.1.0"
