"""History of the tables: one file per change; ``db.engine.migrate`` runs the files in order."""
