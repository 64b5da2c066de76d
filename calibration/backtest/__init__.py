"""The model and its comparators at past origins, scored."""
