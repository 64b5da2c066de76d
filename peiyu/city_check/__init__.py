"""What is missing, assumed and told by a city's data, before any forecast."""
