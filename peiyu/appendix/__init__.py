"""The forecast appendix: a stored run as one document."""
