"""The recognition part of the model for many regions at once."""
