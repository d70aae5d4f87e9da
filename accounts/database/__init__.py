"""The database backend of the settings: PostgreSQL, with columns added the way shards take them."""
