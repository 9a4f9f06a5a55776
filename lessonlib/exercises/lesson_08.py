"""Questions of lesson 08: filters' shapes, and the errors PyTorch raises."""

QUESTIONS = []
