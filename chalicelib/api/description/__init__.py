"""The API's description: OpenAPI, JSON Schemas, and the page that shows them."""
