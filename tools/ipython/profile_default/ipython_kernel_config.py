"""IPython as the notebooks are run with: no start-up files of your own, no history, no words but errors."""

c = get_config()  # noqa: F821
c.IPKernelApp.log_level = "ERROR"
c.HistoryManager.enabled = False
