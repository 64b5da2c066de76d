"""What people write: text, TOML and tables, checked at the door."""
