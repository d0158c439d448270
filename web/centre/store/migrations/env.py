"""Alembic's entry: migrates over the connection that ``web.centre.store.schema`` gives it."""

from __future__ import annotations

from alembic import context

from web.centre.store.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
