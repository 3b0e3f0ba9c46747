"""What is true of a schedule, without any framework: formulas, schedules, recipes, traces."""
