from grader.api import inputs as inputs
from grader.api import mark as mark
from grader.errors import GraderError as GraderError
from grader.model import Grade as Grade
from grader.reports.result import result_document as result_document

__version__: str
__all__ = ["Grade", "GraderError", "__version__", "inputs", "mark", "result_document"]
