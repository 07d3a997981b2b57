"""The tables' history: one file a change, run in order by ``db.engine.migrate``."""
