"""The formula language: its grammar, its functions, and how formulas are compiled and written."""
