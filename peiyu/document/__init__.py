"""One document tree, and a writer a format."""
