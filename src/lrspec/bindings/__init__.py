"""A framework's classes: from a recipe to the tree of calls that builds it, and back."""
