"""The keys of study.yaml: their types, defaults and faults."""
