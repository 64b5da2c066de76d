"""The screen: tables on stdout, progress on stderr."""
