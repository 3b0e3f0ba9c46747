"""Check one recipe or scheduler in the user's own environment."""
