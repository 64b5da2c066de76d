"""A city: its folder read, checked and fingerprinted."""
