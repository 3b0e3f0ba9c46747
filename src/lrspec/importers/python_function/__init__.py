"""Read a Python function of the step, as `worker/functions.py` describes it, as a formula.

`formula` reads one and checks it against the function's values; `source` reads the definition and
its statements, `expression` the expressions in them, and `partial_evaluation` computes what is
known beforehand.
"""
