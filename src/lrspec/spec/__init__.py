"""The specification: the formula language, schedules, recipes and their validation."""
