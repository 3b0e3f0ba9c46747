"""The judgement of a run: compare two traces, explain what lies between them, know it again."""
