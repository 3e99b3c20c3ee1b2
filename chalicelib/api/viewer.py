"""/docs: the interactive page for the API's description."""

from chalicelib.api.endpoint import Audience

audience = Audience(__name__, "Public")
blueprint = audience.blueprint
