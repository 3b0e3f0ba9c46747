"""The formula language: its grammar, its functions, and what is made of a formula."""
