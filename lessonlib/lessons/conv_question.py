"""A question for a convolution that the learner writes, with the mistakes that are known of convolutions."""

from lessonlib.lessons.mistaken_convolutions import ALSO, KNOWN
from lessonlib.questions.functions import FunctionQuestion


class ConvQuestion(FunctionQuestion):
    """As `FunctionQuestion`; its known mistakes are those of `mistaken_convolutions`."""

    def __init__(self, name, **given):
        super().__init__(name, known=KNOWN, also=ALSO, **given)
