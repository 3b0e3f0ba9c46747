"""Dialects: the predicted rates, states and errors of a tree of a framework's classes."""
