"""The questions of each lesson, named by its subject, and their words beside them."""
