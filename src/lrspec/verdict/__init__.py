"""The verdict on a run: its observation against its prediction and the specification."""
