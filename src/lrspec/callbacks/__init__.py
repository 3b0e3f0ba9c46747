"""Callbacks that compare the rate of every optimizer update with a recipe, a module per library."""
