"""Porting a recipe to a framework, verified by running the source."""
