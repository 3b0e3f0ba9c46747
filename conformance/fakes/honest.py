"""No flaw at all."""
