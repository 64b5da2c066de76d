"""Proof that the machinery finds what is true where the truth is known."""
