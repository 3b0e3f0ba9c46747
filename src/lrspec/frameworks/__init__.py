"""What frameworks do: find one, write its words, run them in it."""
