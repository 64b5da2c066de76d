"""The planner's page: move a lever, see the chance of every goal seconds later."""
