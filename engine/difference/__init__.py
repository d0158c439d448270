"""Differences of two versions of the rules: in words, in verdicts and amounts, and for a list of enterprises."""
