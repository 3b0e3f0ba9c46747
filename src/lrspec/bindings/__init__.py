"""A framework's classes: from a recipe to a tree of them, and back."""
