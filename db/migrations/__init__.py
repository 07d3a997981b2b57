"""History of the tables: one file per change, run in order by ``db.engine.migrate``."""
