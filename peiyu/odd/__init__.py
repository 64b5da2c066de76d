"""The model described from its own code: ODD, tables, levers."""
