"""Constructor expressions of a Python file, read without running the file."""
