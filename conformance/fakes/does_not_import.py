"""It imports a module that does not exist."""

import a_framework_that_is_not_there
