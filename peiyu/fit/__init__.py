"""What is said of a fit: its report, its check, its figures."""
