"""Questions of lesson 12: training a CNN, and the final test."""

QUESTIONS = []
