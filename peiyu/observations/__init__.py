"""A number or an event entered into a city's record, with checks and with what it will move."""
