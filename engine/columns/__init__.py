"""The executor for lists: the compiled program on Polars columns (DESIGN 3, 4).

The only part of the engine that imports Polars; nothing else imports it but through a function that needs it.
``frame`` is the contract with whoever reads lists; ``encode`` types what was read; ``kernel`` evaluates a slice.
"""
