"""The learner's own file of tries and what is made of it."""
