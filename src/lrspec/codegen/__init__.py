"""From a recipe to source text, native or standalone."""
