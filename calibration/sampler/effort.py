"""How long the sampler works; nothing is imported here, so that a command line can name it."""

REFINEMENTS = 15
"""Steps at full temperature, particle by particle."""
