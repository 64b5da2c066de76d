"""The sampler: from draws of the prior to draws of the posterior, whatever is simulated."""
