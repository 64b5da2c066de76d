"""The state of a city in a quarter, and every number that is reported of it."""
