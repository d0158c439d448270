"""Migrations of the centre's database, by Alembic; run by ``huiqi centre init`` and ``huiqi centre migrate``."""
