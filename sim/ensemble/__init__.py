"""Many members of one scenario or several, and what they say of every goal."""
