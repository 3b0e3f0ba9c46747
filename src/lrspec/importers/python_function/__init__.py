"""Python functions of the step as formulas."""
