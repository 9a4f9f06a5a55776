"""Questions of lesson 11: models made by sub-classing."""

QUESTIONS = []
