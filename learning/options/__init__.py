"""How a class declares the options that it reads: one place for name, range, help and default."""

from learning.options.option_group import OptionGroup, option, options_of
from learning.options.values import Rule, Value

__all__ = ["OptionGroup", "Rule", "Value", "option", "options_of"]
