"""Stored runs: named, changed, reproduced, archived."""
