"""The tables' history: one file per change, run in order by ``db.engine.migrate``."""
