"""Alembic runs this to take the steps, on the connection and in the transaction that `database.migrate` opened."""

from alembic import context

from digest.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite cannot alter most of a table in place
)
context.run_migrations()
