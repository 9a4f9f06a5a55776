"""What is the learner's own: the file of tries, what is made of it, and the JupyterLab that ``make lab`` starts."""
