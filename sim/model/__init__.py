"""The model: one step is one quarter, a module a process."""
