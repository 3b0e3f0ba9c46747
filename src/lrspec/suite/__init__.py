"""The conformance suite: cases, plan, runs, replay and shrinking."""
