"""Questions of lesson 10: models made by nn.Sequential."""

QUESTIONS = []
