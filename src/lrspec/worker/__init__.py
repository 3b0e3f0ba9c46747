"""What runs inside a framework's interpreter: Python 3.8 syntax, standard library only."""
