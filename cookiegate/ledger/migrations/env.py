"""Run the migrations on the connection that `cookiegate.ledger.storage.database` passes."""

from alembic import context

from cookiegate.ledger.storage.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
