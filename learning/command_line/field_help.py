"""The help of an option is the text under its field in `learning.config.experiment_config`, read from the source."""

import ast
import functools
import inspect
from collections.abc import Mapping

from learning.config.experiment_config import ExperimentConfig


@functools.cache
def field_help() -> Mapping[str, str]:
    """Field name -> the text under the field of `ExperimentConfig`, on one line."""
    (class_definition,) = ast.parse(inspect.getsource(ExperimentConfig)).body
    assert isinstance(class_definition, ast.ClassDef)
    texts: dict[str, str] = {}
    for statement, after in zip(class_definition.body, class_definition.body[1:], strict=False):
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
        ):
            texts[statement.target.id] = " ".join(str(after.value.value).split())
    return texts
