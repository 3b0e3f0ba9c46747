"""Reports on the results of a run: Markdown, tables and plots."""
