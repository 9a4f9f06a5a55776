"""The notebooks as JupyterLab is given them: where a kernel has ended, an explorer's picture stands in its place.

Without this, a trusted notebook opened the next day would say "Error displaying widget: model not found" wherever an
explorer was. The file stays as it is; only what is shown has the picture, as before the cell was first run.
"""

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class LessonContents(AsyncLargeFileManager):
    """Jupyter's own file manager, but for the explorers of notebooks that no kernel runs for."""

    async def get(self, path, *arguments, **options):
        """Return a file or folder, as Jupyter's own does."""
        model = await super().get(path, *arguments, **options)
        if model["type"] == "notebook" and model["content"] and not await self._runs(path):
            show_pictures(model["content"])
        return model

    async def _runs(self, path):
        sessions = await self.parent.session_manager.list_sessions()
        return any(session["path"].strip("/") == path.strip("/") for session in sessions)


def show_pictures(notebook):
    """Take the explorers out of a notebook's outputs, in place, wherever something else can be shown.

    Examples
    --------
    >>> data = {WIDGET_VIEW: {"model_id": "f00"}, "text/plain": "SlidingWindow(…)"}
    >>> show_pictures({"cells": [{"cell_type": "code", "outputs": [{"output_type": "display_data", "data": data}]}]})
    >>> data
    {'text/plain': 'SlidingWindow(…)'}
    """
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if len(output.get("data", {})) > 1:
                output["data"].pop(WIDGET_VIEW, None)
