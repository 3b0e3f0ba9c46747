"""It needs what is not there."""

import a_framework_that_is_not_there
