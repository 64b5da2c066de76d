"""What was observed, and what a run should come close to."""
