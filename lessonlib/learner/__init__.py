"""What is made of the learner's own file of tries: the map of the course."""

from lessonlib.learner import progress as progress
