"""Page of a background task: its progress, and a button to stop it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template, request

from app.core.matching.background_tasks import BackgroundTask, TaskState
from app.web.shared.app_context import now


@dataclass(frozen=True, slots=True)
class TaskTexts:
    """Texts of a background task's page: heading, what is done, how long it may take, and how it may end."""

    heading: str
    area: str
    lead: str
    failed: str
    stopped: str


def task_page(blueprint: str, task: BackgroundTask, texts: TaskTexts, stages: Mapping[Any, object]) -> str:
    """Render the page of a task; `blueprint` has the pages `index`, `task` and `stop`, `stages` names each stage.

    The page asks again by itself only where the reader wants it: a page that moves on by itself loses those who read
    slowly or by ear.
    """
    return render_template(
        "staff/task.html",
        blueprint=blueprint,
        task=task,
        texts=texts,
        stages=stages,
        seconds=task.elapsed_seconds_since_request(now()),
        TaskState=TaskState,
        watching=request.args.get("watch") == "1",
        failing=task.state is TaskState.FAILED,
    )
