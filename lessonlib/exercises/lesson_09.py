"""Questions of lesson 09: activation functions."""

QUESTIONS = []
