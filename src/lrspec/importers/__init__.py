"""From schedulers, functions and configurations to recipes."""
