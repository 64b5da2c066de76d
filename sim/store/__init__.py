"""The store: one SQLite file with every run."""
