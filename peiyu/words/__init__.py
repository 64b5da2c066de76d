"""Words of both languages, and how numbers are written."""
