"""The style of all figures, their fonts and files."""
