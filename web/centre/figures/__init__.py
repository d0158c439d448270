"""Figures of the centre: how many stand how, what that amounts to, where, how long things wait."""
