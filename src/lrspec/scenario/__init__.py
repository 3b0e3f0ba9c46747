"""Scenarios: the ways to use a scheduler, as plain lists of actions."""
