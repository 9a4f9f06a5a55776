"""What is the learner's own: progress, and the JupyterLab that ``make lab`` starts."""
