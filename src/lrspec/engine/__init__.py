"""The rates of a recipe: closed form, recursive form, state machine, and its landmarks."""
