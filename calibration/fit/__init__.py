"""From observations to a posterior, saved, read back and brought forward."""
